/**
 * Why a line stands still, as the rows under it: one sentence, what it looks like, the lines of the log that say so, and the levers that
 * get it going. Failures first, in the order of the line; then what is slow; then what was stopped on purpose.
 */
import { stepKeyOf, usual } from '../../shared/fold/durations.ts';
import { nextWaitsFor } from '../../shared/fold/entry.ts';
import { failedBuild } from '../../shared/fold/needs.ts';
import { deviatingNodes, isMixed, nodeVersion } from '../../shared/fold/nodes.ts';
import { runOf } from '../../shared/fold/runs.ts';
import { tierVerdict } from '../../shared/fold/select.ts';
import type { ProjectState, Run, TierState } from '../../shared/fold/state.ts';
import type { Actor, RunId } from '../../shared/protocol/ids.ts';
import { byWhom } from '../../shared/words/people.ts';
import { asSentence, deployReason, reasonOf } from '../../shared/words/reason.ts';
import { duration, onMoment, secondsBetween, timeOfDay } from '../../shared/words/time.ts';
import { listed } from '../../shared/words/version.ts';
import { cancelLever, leversOf, promoteLever, rebuildLever, retryLever, liftLever, type LeverSpec } from '../levers/ask.ts';

export interface ReasonModel {
  id: string;
  tone: 'failed' | 'stop' | 'quiet';
  /** In the colour of the tone. */
  headline: string;
  more: string;
  excerpt: readonly string[];
  run_id: RunId | null;
  levers: readonly LeverSpec[];
}

export const EXCERPT_LINES = 3;

export function reasonsOf(project: ProjectState, now: number, me: Actor | null, short: (version: string) => string): ReasonModel[] {
  const ctx = { project, now, me, short };
  const build = failedBuild(project);
  return [
    ...(build === null ? [] : [buildReason(project, build)]),
    ...project.tiers.flatMap((tier) => tierReasons(ctx, tier)),
    ...slowReasons(ctx),
  ];
}

interface Context {
  project: ProjectState;
  now: number;
  me: Actor | null;
  short: (version: string) => string;
}

const excerptOf = (run: Run | undefined): readonly string[] => run?.excerpt.slice(0, EXCERPT_LINES) ?? [];
const sentence = (headline: string): string => `${asSentence(headline)}.`;

function buildReason(project: ProjectState, run: Run): ReasonModel {
  const why = run.why === null ? { headline: 'The build failed', suspect: '' } : reasonOf(run.why, 'the build');
  return {
    id: `build/${run.run_id}`,
    tone: 'failed',
    headline: sentence(why.headline),
    more: why.suspect,
    excerpt: excerptOf(run),
    run_id: run.run_id,
    levers: [rebuildLever(project)],
  };
}

function tierReasons(ctx: Context, tier: TierState): ReasonModel[] {
  const verdict = tierVerdict(tier);
  const reasons: ReasonModel[] = [];
  if (verdict.type === 'failed' || verdict.type === 'rejected') reasons.push(gateReason(ctx, tier, verdict.gate.id, verdict.run_id));
  else if (verdict.type === 'deploy_failed') reasons.push(deployFailed(ctx, tier));
  else if (verdict.type === 'cancelled' && verdict.reason !== 'superseded') {
    const gate = verdict.gate.id;
    reasons.push({
      ...quiet(`cancelled/${verdict.run_id}`, `${gate} on ${tier.id} was cancelled${byWhom(verdict.by, ctx.me)}.`),
      run_id: verdict.run_id,
      levers: [retryLever(ctx.project, tier, gate)],
    });
  } else if (isMixed(tier)) reasons.push({ ...mixed(ctx, tier), id: `${tier.id}/mixed` });
  const stopped = stoppedBefore(ctx, tier);
  return stopped === null ? reasons : [...reasons, stopped];
}

function quiet(id: string, headline: string): ReasonModel {
  return { id, tone: 'quiet', headline, more: '', excerpt: [], run_id: null, levers: [] };
}

function gateReason({ project }: Context, tier: TierState, gate: string, run_id: RunId): ReasonModel {
  const run = runOf(project, run_id);
  const def = tier.gates.find((one) => one.id === gate);
  const why = run?.why == null ? { headline: `${gate} failed`, suspect: '' } : reasonOf(run.why, gate);
  return {
    id: `gate/${run_id}`,
    tone: 'failed',
    headline: sentence(why.headline),
    more: why.suspect,
    excerpt: excerptOf(run),
    run_id,
    levers: def === undefined ? [] : [retryLever(project, tier, def.id)],
  };
}

function pick(ctx: Context, tier: TierState, type: LeverSpec['ask']['type']): LeverSpec[] {
  return leversOf(ctx.project, tier, ctx.short).filter((lever) => lever.ask.type === type);
}

function deployFailed(ctx: Context, tier: TierState): ReasonModel {
  const failure = tier.current?.failure ?? null;
  const run = runOf(ctx.project, failure?.run_id);
  const interrupted = failure?.failure?.type === 'interrupted';
  const said =
    failure?.failure == null
      ? `${ctx.short(tier.current?.version ?? '')} did not reach all of ${tier.id}`
      : deployReason(failure.failure, failure.node);
  const again = pick(ctx, tier, 'redeploy').map((lever) => (interrupted ? continued(lever, tier) : lever));
  const at = run?.ended_at ?? run?.started_at;
  return {
    id: `${tier.id}/deploy`,
    tone: 'failed',
    headline: interrupted && at !== undefined ? `The server restarted at ${timeOfDay(at)} during this deploy.` : sentence(said),
    more: `${nodesWords(ctx, tier)}${interrupted ? ' Nothing was repeated.' : ''}`,
    excerpt: excerptOf(run),
    run_id: run?.run_id ?? null,
    levers: interrupted ? [...again, ...pick(ctx, tier, 'rollback')] : [...pick(ctx, tier, 'rollback'), ...again],
  };
}

/** After a restart of the server a redeploy is the rest of what was under way. */
function continued(lever: LeverSpec, tier: TierState): LeverSpec {
  const label = `Continue on ${listed(deviatingNodes(tier, tier.current?.version).map((node) => node.id))}`;
  return { ...lever, label: `${label}…`, name: `${label}, ${tier.id}` };
}

function mixed(ctx: Context, tier: TierState): ReasonModel {
  return {
    ...quiet('', `${tier.id} is mixed.`),
    tone: 'failed',
    more: nodesWords(ctx, tier),
    levers: [...pick(ctx, tier, 'redeploy'), ...pick(ctx, tier, 'rollback')],
  };
}

const NODES_NAMED = 4;
/** `prod-1 runs 1.4.0, prod-2 runs 1.3.9 (asked 02:03:15).` */
export function nodesWords(ctx: Pick<Context, 'short'>, tier: TierState): string {
  const words = tier.nodes.slice(0, NODES_NAMED).map((node) => {
    const version = nodeVersion(node);
    return version === null ? `${node.id} is unknown` : `${node.id} runs ${ctx.short(version)}`;
  });
  if (words.length === 0) return '';
  const rest = tier.nodes.length - words.length;
  const asked = tier.nodes
    .flatMap((node) => (node.observed === null ? [] : [node.observed.checked_at]))
    .sort()
    .at(-1);
  return `${words.join(', ')}${rest > 0 ? `, and ${rest} more` : ''}${asked === undefined ? '' : ` (asked ${timeOfDay(asked)})`}.`;
}

/** What waits before a tier because somebody stopped it on purpose; a busy tier is no reason to worry. */
function stoppedBefore(ctx: Context, tier: TierState): ReasonModel | null {
  const { project, now, me, short } = ctx;
  const wait = nextWaitsFor(project, tier);
  if (tier.next === null || wait === null) return null;
  const version = short(tier.next.version);
  const base = { ...quiet(`${tier.id}/next`, ''), tone: 'stop' as const };
  if (wait.why === 'frozen')
    return { ...base, headline: `${version} waits for ${tier.id}.`, more: `Frozen${byWhom(wait.by, me)}: “${wait.reason}”.` };
  if (wait.why === 'held')
    return {
      ...base,
      headline: `${version} is held on ${tier.id}.`,
      more: 'It cannot return until someone lifts the hold.',
      levers: liftHere(ctx, tier, tier.next.version),
    };
  if (wait.why !== 'hand_only') return null;
  const why = {
    deploy_failed: 'a deploy failed',
    cancelled: 'a run was cancelled',
    rejected: 'a release was rejected',
    rolled_back: 'a rollback',
  }[wait.hand_only.why];
  return {
    ...base,
    tone: 'quiet',
    headline: `${version} does not go to ${tier.id} by itself.`,
    more: `After ${why}${byWhom(wait.hand_only.by, me)} ${onMoment(wait.hand_only.at, now)}, a person promotes.`,
    levers: [promoteLever(project, tier, tier.next.version, short)],
  };
}

function liftHere({ project, short }: Context, tier: TierState, version: string): LeverSpec[] {
  for (const earlier of project.tiers) {
    const hold = earlier.held.find((one) => one.version === version);
    if (hold !== undefined) return [liftLever(project, earlier, hold.version, short)];
    if (earlier.id === tier.id) return [];
  }
  return [];
}

/** `unit_tests takes longer than usual: 2 min 10 s, usually 40 s.` */
function slowReasons({ project, now }: Context): ReasonModel[] {
  return project.runs.flatMap((run) => {
    if (run.status !== 'running') return [];
    const step = usual(project, stepKeyOf(run));
    const elapsed = secondsBetween(run.started_at, now);
    if (step === null || elapsed <= step.p90 || elapsed - step.p50 < SLOW_AT_LEAST_S) return [];
    const what =
      run.type === 'build'
        ? 'The build'
        : run.type === 'deploy'
          ? `The deploy to ${run.node ?? run.tier ?? 'a node'}`
          : (run.gate ?? 'A gate');
    const lever = cancelLever(
      project,
      run.run_id,
      run.type === 'gate' ? `${run.gate ?? 'the gate'} on ${run.tier ?? ''}` : what.replace('The', 'the'),
    );
    return [
      {
        ...quiet(`slow/${run.run_id}`, `${what} takes longer than usual:`),
        more: `${duration(elapsed)}, usually ${duration(step.p50)}.`,
        run_id: run.run_id,
        levers: [lever],
      },
    ];
  });
}
/** A gate that usually takes 200 ms is not slow after 300. */
const SLOW_AT_LEAST_S = 5;
