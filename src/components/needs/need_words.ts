/** A thing that waits for a hand, as its card tells it: what, the evidence to decide on, and the lever or link that goes further. */
import type { Need } from '../../shared/fold/needs.ts';
import { deviatingNodes, nodeVersion } from '../../shared/fold/nodes.ts';
import { tierAfter } from '../../shared/fold/select.ts';
import type { ProjectState, TierRelease, TierState } from '../../shared/fold/state.ts';
import type { Actor, RunId } from '../../shared/protocol/ids.ts';
import { byWhom, displayName } from '../../shared/words/people.ts';
import { asSentence, deployReason, reasonOf } from '../../shared/words/reason.ts';
import { ago, duration, moment, onMoment, roughly, secondsBetween, timeOfDay } from '../../shared/words/time.ts';
import { listed } from '../../shared/words/version.ts';
import { cancelLever, leversOf, promoteLever, type LeverSpec } from '../levers/ask.ts';
import { nodesWords } from '../panel/reason_model.ts';
import { runName, stuckReason } from '../run/run_name.ts';

export interface NeedCardModel {
  tone: 'hand' | 'failed';
  title: string;
  /** Releases to compare, for "3 commits since 1.3.9"; null when there is nothing before. */
  compare: { project: string; from: string; to: string; since: string } | null;
  /** The rest of the evidence, after what the comparison says. */
  evidence: string;
  run_id: RunId | null;
  levers: readonly { spec: LeverSpec; label: string }[];
}

interface Context {
  project: ProjectState;
  now: number;
  me: Actor | null;
  short: (version: string) => string;
  /** `hello ` when there are several projects. */
  prefix: string;
}

export function needWords(need: Need, ctx: Context): NeedCardModel {
  const version = ctx.short(need.version);
  const base = { compare: null, run_id: null, levers: [] };
  const lever = (type: LeverSpec['ask']['type'], label: string): NeedCardModel['levers'] =>
    'tier' in need ? leversOf(ctx.project, need.tier, ctx.short).flatMap((spec) => (spec.ask.type === type ? [{ spec, label }] : [])) : [];
  switch (need.type) {
    case 'confirm':
      return {
        ...base,
        tone: 'hand',
        title: `${ctx.prefix}${version} on ${need.tier.id} waits for a confirm`,
        ...confirmEvidence(need, ctx),
        levers: lever('confirm', 'Review…'),
      };
    case 'promote':
      return {
        ...base,
        tone: 'hand',
        title: `${ctx.prefix}${version} may enter ${need.tier.id}`,
        compare: compareWith(ctx, need.tier, need.version),
        evidence: promoteEvidence(need, ctx),
        levers: [{ spec: promoteLever(ctx.project, need.tier, need.version, ctx.short), label: 'Promote…' }],
      };
    case 'gate_failed': {
      const why = need.run.why === null ? null : reasonOf(need.run.why, need.gate.id);
      const interrupted = need.run.why?.type === 'interrupted';
      return {
        ...base,
        tone: 'failed',
        title: interrupted
          ? `${need.gate.id} of ${ctx.prefix}${version} was interrupted`
          : `${need.gate.id} failed in ${ctx.prefix}${version}`,
        evidence: sentences([why?.headline ?? '', why?.suspect ?? '', pushedWords(need.version, ctx)]),
        run_id: need.run.run_id,
        levers: interrupted ? lever('retry_gate', 'Retry gate') : [],
      };
    }
    case 'deploy_failed': {
      const failure = need.tier.current?.failure ?? null;
      const interrupted = failure?.failure?.type === 'interrupted';
      const at = need.run?.ended_at ?? need.since;
      const why = interrupted
        ? `The server restarted at ${timeOfDay(at)} during this deploy`
        : failure?.failure == null
          ? ''
          : deployReason(failure.failure, failure.node);
      return {
        ...base,
        tone: 'failed',
        title: `${ctx.prefix}${version} did not reach all of ${need.tier.id}`,
        evidence: sentences([why, nodesWords(ctx, need.tier), interrupted ? 'Nothing was repeated' : '']),
        run_id: need.run?.run_id ?? null,
        levers: interrupted
          ? [
              ...lever('redeploy', `Continue on ${listed(deviatingNodes(need.tier).map((node) => node.id))}…`),
              ...lever('rollback', 'Roll back…'),
            ]
          : lever('rollback', 'Roll back…'),
      };
    }
    case 'mixed':
      return {
        ...base,
        tone: 'failed',
        title: `${ctx.prefix}${need.tier.id} is mixed`,
        evidence: sentences([`Every node should run ${version}`, nodesWords(ctx, need.tier)]),
        levers: lever('redeploy', 'Redeploy…'),
      };
    case 'build_failed': {
      const why = need.run.why === null ? null : reasonOf(need.run.why, 'the build');
      return {
        ...base,
        tone: 'failed',
        title: `The build of ${ctx.prefix}${version} failed`,
        evidence: sentences([why?.headline ?? '', why?.suspect ?? '', pushedWords(need.version, ctx)]),
        run_id: need.run.run_id,
      };
    }
    case 'run_stuck': {
      const name = runName(need.run);
      const { headline, suspect } = stuckReason(need.run.stuck?.reason ?? '');
      return {
        ...base,
        tone: 'failed',
        title: `${name} of ${ctx.prefix}${version} is stuck`,
        evidence: sentences([headline, suspect]),
        run_id: need.run.run_id,
        levers: [{ spec: cancelLever(ctx.project, need.run.run_id, `${name} of ${version}`), label: 'Cancel run…' }],
      };
    }
    default:
      return need satisfies never;
  }
}

/** Joins what there is to say; each part ends with a full stop. Names of gates and nodes keep their case, also at the beginning. */
function sentences(parts: readonly string[]): string {
  return parts
    .filter((part) => part !== '')
    .map((part) => `${asSentence(part)}${/[.”]$/.test(part) ? '' : '.'}`)
    .join(' ');
}

function pushedWords(version: string, { project, now, me }: Context): string {
  const release = project.releases.find((one) => one.version === version);
  const pushed =
    project.pushed !== null && project.pushed.sha === project.build?.sha && project.build.version === version ? project.pushed : null;
  const by = release?.author ?? pushed?.author ?? displayName(release?.by ?? pushed?.by ?? 'system:', me);
  const at = pushed?.at ?? release?.built_at;
  if (at === undefined) return '';
  return `${pushed === null ? 'Built' : 'Pushed'}${by === '' ? '' : pushed === null ? ` from a commit by ${by}` : ` by ${by}`} ${ago(at, now)}`;
}

/** What runs where the release would go next; on the last tier, what ran there before it. */
function compareWith(ctx: Context, into: TierState, version: string): NeedCardModel['compare'] {
  const from = into.nodes.map(nodeVersion).find((one) => one !== null && one !== version);
  const before = into.current?.version === version ? into.current.before : null;
  if (from == null)
    return before === null
      ? null
      : { project: ctx.project.id, from: before, to: version, since: `${ctx.short(before)}, which ${into.id} ran before` };
  const at = into.intended?.since_at ?? into.current?.since_at;
  const since = at === undefined ? `which ${into.id} runs` : `which ${into.id} has run since ${moment(at, ctx.now)}`;
  return { project: ctx.project.id, from, to: version, since: `${ctx.short(from)}, ${since}` };
}

function confirmEvidence(need: Need & { type: 'confirm' }, ctx: Context): Pick<NeedCardModel, 'compare' | 'evidence'> {
  const into = tierAfter(ctx.project, need.tier) ?? need.tier;
  const compare = compareWith(ctx, into, need.version);
  const waits = need.tier.current?.gates[need.gate.id];
  const people =
    waits?.status === 'awaiting_confirm' && waits.need > 1
      ? `${waits.have.length} of ${waits.need} confirms${waits.have.length === 0 ? '' : `, by ${listed(waits.have.map((one) => displayName(one.by, ctx.me)))}`}`
      : '';
  return {
    compare,
    evidence: sentences([
      compare === null ? 'First release here: nothing to compare with, nothing to roll back to' : '',
      gatesWords(need.tier, ctx),
      people,
      `Waiting ${roughly(secondsBetween(need.since, ctx.now))}`,
    ]),
  };
}

function gatesWords(tier: TierState, { me }: Context): string {
  const current: TierRelease | null = tier.current;
  const others = tier.gates.filter((gate) => gate.kind !== 'manual_confirm');
  if (current === null || others.length === 0) return '';
  const skipped = others.flatMap((gate) => {
    const state = current.gates[gate.id];
    return state?.status === 'passed' && state.outcome.status === 'passed' && state.outcome.skipped !== undefined
      ? [`${gate.id} skipped${byWhom(state.outcome.skipped.by, me)}`]
      : [];
  });
  const burned = others.find((gate) => gate.kind === 'burn_in' && gate.for_s !== undefined);
  if (skipped.length > 0) return listed(skipped);
  return `All gates passed.${burned?.for_s === undefined ? '' : ` Burn-in ${duration(burned.for_s)}`}`;
}

function promoteEvidence(need: Need & { type: 'promote' }, ctx: Context): string {
  const waiting = `Waiting ${roughly(secondsBetween(need.since, ctx.now))}`;
  if (need.wait.why !== 'hand_only') return sentences([`${need.tier.id} takes a release only by hand`, waiting]);
  const { why, by, at } = need.wait.hand_only;
  const after = {
    deploy_failed: 'a deploy failed',
    cancelled: 'a run was cancelled',
    rejected: 'a release was rejected',
    rolled_back: 'it was rolled back',
  }[why];
  return sentences([`After ${after}${byWhom(by, ctx.me)} ${onMoment(at, ctx.now)} a person promotes`, waiting]);
}
