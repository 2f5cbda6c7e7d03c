/** Facts of the engine, of git and of the server. A fact about a run that has settled or was replaced yields nothing: the first word won. */
import { findProject, findTier } from '../../src/shared/fold/select.ts';
import { openRun } from '../../src/shared/fold/change.ts';
import type { ProjectState, Run, State } from '../../src/shared/fold/state.ts';
import type { Event } from '../../src/shared/protocol/events/event.ts';
import { SYSTEM_ACTOR } from '../../src/shared/protocol/ids.ts';
import { isOvertaken, rebuild, requestOf } from './decide_push.ts';
import { events } from './draft.ts';
import { buildAgain, gateGoesAgain } from './interrupted_again.ts';
import { linksAfterDeploy } from './links.ts';
import { nextVersion } from './version.ts';
import type { RunIds } from './decide.ts';
import type { Decision, Fact, ResolvedCommit } from './intent.ts';

type FactOf<F extends Fact['fact']> = Extract<Fact, { fact: F }>;

function nothing(why: string): Decision {
  return { type: 'nothing', why };
}

export function decideFact(fact: Fact, state: State, now: string, runIds: RunIds): Decision {
  if (fact.fact === 'events') return fact.events.length === 0 ? nothing('no change') : events(fact.project, fact.events);
  const project = findProject(state, fact.project);
  if (project === undefined) return nothing(`project ${fact.project} is gone`);
  switch (fact.fact) {
    case 'pushed':
      return pushed(project, fact.commit, runIds);
    case 'build_ended':
      return whileOpen(project, fact.run_id, (run) => buildEnded(project, run, fact, runIds));
    case 'version_taken':
      return whileOpen(project, fact.run_id, (run) => versionTaken(project, run, fact.taken, runIds));
    case 'gate_ended':
      return whileOpen(project, fact.run_id, (run) => gateEnded(project, run, fact.outcome, fact.ended_by === 'restart'));
    case 'burn_in_elapsed':
      return whileOpen(project, fact.run_id, (run) => burnInElapsed(project, run, now));
    case 'deploy_ended':
      return whileOpen(project, fact.run_id, (run) => deployEnded(project, run, fact));
    case 'observed': {
      const node = findTier(project, fact.event.tier)?.nodes.find((n) => n.id === fact.event.node);
      if (node === undefined) return nothing('the node is gone');
      if (node.deploy?.status === 'running') return nothing('a deploy runs there: its own check is the answer');
      if (fact.asked_after !== undefined && fact.asked_after !== (node.deploy?.seq_no ?? 0))
        return nothing('the node was asked before its last deploy');
      return events(project.id, [fact.event]);
    }
    case 'stuck':
      return whileOpen(project, fact.run_id, ({ run_id, version }) =>
        events(project.id, [{ kind: 'run_stuck', run_id, version, reason: fact.reason }]),
      );
    default:
      return fact satisfies never;
  }
}

/** A push that was missed: the branch has another head than the last push told of. It is built unless somebody has asked for it already. */
function pushed(project: ProjectState, commit: ResolvedCommit, runIds: RunIds): Decision {
  if (project.head === commit.sha) return nothing('this push is known');
  if (isOvertaken(project, commit)) return nothing('a newer push was recorded meanwhile');
  // A person was faster: the head is told, and nothing is built.
  const asked = project.pushed?.sha;
  if (asked === commit.sha) return events(project.id, [requestOf(commit, asked)]);
  const decision = rebuild(project, commit, SYSTEM_ACTOR, runIds);
  return decision.type === 'refused' ? nothing(decision.refusal.message) : decision;
}

function whileOpen(project: ProjectState, run_id: number, then: (run: Run) => Decision): Decision {
  const run = openRun(project, run_id);
  return run === undefined ? nothing(`run ${run_id} has settled`) : then(run);
}

function logFields(run_id: number, log: { bytes: number; sha256: string } | null): { log_ref?: string; bytes?: number; sha256?: string } {
  return log === null ? {} : { log_ref: `/api/v1/runs/${run_id}/log`, bytes: log.bytes, sha256: log.sha256 };
}

function buildEnded(project: ProjectState, run: Run, fact: FactOf<'build_ended'>, runIds: RunIds): Decision {
  if (run.type !== 'build' || run.sha === null) return nothing('not a build run');
  const about = { sha: run.sha, version: run.version, elapsed_s: fact.elapsed_s, run_id: run.run_id, ...logFields(run.run_id, fact.log) };
  const { outcome } = fact;
  if (outcome.status === 'passed') return events(project.id, [{ kind: 'build_ok', ...about }]);
  if (outcome.status === 'blocked') return nothing('a build is never blocked');
  const { classification, excerpt } = outcome;
  const failed: Event = { kind: 'build_failed', ...about, failure: classification, ...(excerpt === undefined ? {} : { excerpt }) };
  return events(project.id, [failed, ...(fact.ended_by === 'restart' ? buildAgain(project, run, runIds) : [])]);
}

function versionTaken(project: ProjectState, run: Run, taken: readonly string[], runIds: RunIds): Decision {
  if (run.type !== 'build' || run.sha === null) return nothing('not a build run');
  const { run_id, sha, version } = run;
  return events(project.id, [
    { kind: 'build_aborted', sha_aborted: sha, version, run_id, reason: 'its version was taken' },
    { kind: 'build_start', sha, version: nextVersion(project, version, taken), run_id: runIds.next() },
  ]);
}

function gateEnded(project: ProjectState, run: Run, outcome: FactOf<'gate_ended'>['outcome'], by_restart = false): Decision {
  if (run.tier === null || run.gate === null) return nothing('not a gate run');
  const { run_id, tier, version, gate, attempt } = run;
  const which = { tier, version, gate, ...(run.sha === null ? {} : { sha: run.sha }) };
  return events(project.id, [
    { kind: 'gate_done', run_id, ...which, attempt, outcome },
    ...(by_restart && gateGoesAgain(project, run) ? [{ kind: 'gate_retry_requested' as const, ...which, reason: 'interrupted' }] : []),
  ]);
}

function burnInElapsed(project: ProjectState, run: Run, now: string): Decision {
  const gate = run.tier === null || run.gate === null ? undefined : findTier(project, run.tier)?.current?.gates[run.gate];
  if (gate?.status !== 'burning_in' || gate.run_id !== run.run_id) return nothing(`run ${run.run_id} burns in no longer`);
  if (now < gate.until) return nothing(`burn-in lasts until ${gate.until}`);
  return gateEnded(project, run, { status: 'passed', elapsed_s: (Date.parse(now) - Date.parse(gate.started_at)) / 1000 });
}

function deployEnded(project: ProjectState, run: Run, fact: FactOf<'deploy_ended'>): Decision {
  const tier = run.tier === null ? undefined : findTier(project, run.tier);
  if (tier === undefined || run.node === null) return nothing('the tier is gone');
  const about = {
    tier: tier.id,
    node: run.node,
    version: run.version,
    run_id: run.run_id,
    elapsed_s: fact.elapsed_s,
    attempt: run.attempt,
    ...logFields(run.run_id, fact.log),
  };
  const sha = run.sha === null ? {} : { sha: run.sha };
  if (fact.failure === null) return events(project.id, [{ kind: 'deploy_ok', ...about, ...sha }, ...linksAfterDeploy(project, run, true)]);
  const excerpt = fact.excerpt.length === 0 ? {} : { excerpt: [...fact.excerpt] };
  return events(project.id, [
    { kind: 'deploy_failed', ...about, ...sha, failure: fact.failure, ...excerpt },
    ...linksAfterDeploy(project, run, false),
  ]);
}
