/** A tier as a station: what its nodes run (the plate), how each node is, and one line that says what is going on. */
import { stepKey, usual } from '../../shared/fold/durations.ts';
import { isMixed, nodeVersion, nodeView, plate, type NodeView } from '../../shared/fold/nodes.ts';
import { gateStatus, tierVerdict } from '../../shared/fold/select.ts';
import type { NodeState, ProjectState, TierState } from '../../shared/fold/state.ts';
import type { Actor, Instant } from '../../shared/protocol/ids.ts';
import { byline, byWhom } from '../../shared/words/people.ts';
import { ago, duration, moment, secondsBetween } from '../../shared/words/time.ts';
import type { MarkKind } from './mark.ts';

/** A probe older than this no longer speaks for the present; a server that runs records one at least every ten minutes. */
export const PROBE_FRESH_S = 15 * 60;

export interface NodeDot {
  id: string;
  /** `waits`: the move that is under way has not come to it yet. */
  view: NodeView | 'waits';
  /** `prod-1 runs 1.4.0, checked 3 s ago`. */
  words: string;
}

export interface Progress {
  elapsed_s: number;
  usual: { p50: number; p90: number };
}

export interface StationModel {
  id: string;
  /** `staging, runs 1.4.0, waits for a confirm`. */
  name: string;
  /** Versions on the plate, the most common first; null is unknown. */
  plate: readonly (string | null)[];
  /** While something is put on the nodes: where the plate goes. */
  to: string | null;
  dots: readonly NodeDot[];
  /** `2 nodes`, `48 of 50`, or empty for a tier without nodes. */
  count: string;
  /** `tail` may be left out where room is short. */
  line: { text: string; tail: string; mark: MarkKind | null; at: Instant | null };
  held: readonly string[];
  frozen: string | null;
  progress: Progress | null;
}

export function stationOf(
  project: ProjectState,
  tier: TierState,
  now: number,
  me: Actor | null,
  short: (version: string) => string,
): StationModel {
  const versions = tier.current === null && tier.intended === null ? [] : plate(tier).map((entry) => entry.version);
  const line = lineOf(tier, now, me, short);
  return {
    id: tier.id,
    name: [tier.id, ranWords(tier, versions, short), line.state].filter((part) => part !== '').join(', '),
    plate: tier.move === null ? versions : versions.filter((version) => version !== null && version !== tier.move?.version).slice(0, 1),
    to: tier.move?.version ?? null,
    dots: tier.nodes.map((node) => dotOf(tier, node, now, short)),
    count: countWords(tier),
    line: { text: line.text, tail: line.tail ?? '', mark: line.mark, at: line.at },
    held: tier.held.map((hold) => hold.version),
    frozen: tier.frozen === null ? null : `Frozen${byWhom(tier.frozen.by, me)}: “${tier.frozen.reason}”`,
    progress: moveProgress(project, tier, now),
  };
}

function ranWords(tier: TierState, versions: readonly (string | null)[], short: (version: string) => string): string {
  const known = versions.filter((version) => version !== null);
  if (tier.current === null && known.length === 0) return 'no release yet';
  if (tier.nodes.length === 0) return known.map(short).join('');
  if (known.length === 0) return 'runs nothing known';
  return known.length === 1 && versions.length === 1 ? `runs ${known.map(short).join('')}` : '';
}

function dotOf(tier: TierState, node: NodeState, now: number, short: (version: string) => string): NodeDot {
  const view = stillWaits(tier, node) ? 'waits' : nodeView(tier, node);
  const version = nodeVersion(node);
  const what = view === 'empty' ? 'runs nothing yet' : version === null ? 'runs nobody knows what' : `runs ${short(version)}`;
  const checked = node.observed === null ? (view === 'empty' ? '' : ', not checked') : `, checked ${ago(node.observed.checked_at, now)}`;
  const failed = node.observed?.status === 'unreachable' ? ', does not answer' : view === 'failed' ? ', its last deploy failed' : '';
  return { id: node.id, view, words: view === 'deploying' ? `${node.id} is being deployed` : `${node.id} ${what}${failed}${checked}` };
}

function stillWaits(tier: TierState, node: NodeState): boolean {
  const { move } = tier;
  if (move === null || !move.nodes.includes(node.id) || nodeVersion(node) === move.version) return false;
  return node.deploy === null || node.deploy.started_at < move.started_at;
}

/** Above this many nodes the station counts them instead of drawing them. */
export const MAX_DOTS = 12;
function countWords(tier: TierState): string {
  const total = tier.nodes.length;
  if (total === 0) return '';
  if (total <= MAX_DOTS) return total === 1 ? '1 node' : `${total} nodes`;
  const good = tier.nodes.filter((node) => ['deployed', 'matching'].includes(nodeView(tier, node))).length;
  return `${good} of ${total}`;
}

interface Line {
  text: string;
  tail?: string;
  /** For the group's name; empty when there is nothing to add to what runs there. */
  state: string;
  mark: MarkKind | null;
  at: Instant | null;
}
const quiet = (text: string, state = '', at: Instant | null = null): Line => ({ text, state, mark: null, at });
const loud = (mark: MarkKind, text: string, state = text.charAt(0).toLowerCase() + text.slice(1)): Line => ({
  text,
  state,
  mark,
  at: null,
});

function lineOf(tier: TierState, now: number, me: Actor | null, short: (version: string) => string): Line {
  const verdict = tierVerdict(tier);
  if (verdict.type === 'moving') {
    return {
      ...loud(verdict.move.type === 'rollback' ? 'rolled_back' : 'deploying', movingWords(tier)),
      tail: `, ${duration(secondsBetween(verdict.move.started_at, now))}`,
    };
  }
  if (isMixed(tier)) {
    const on = tier.nodes.filter((node) => nodeVersion(node) === tier.intended?.version).length;
    return loud('mixed', `Mixed: ${short(tier.intended?.version ?? '')} on ${on} of ${tier.nodes.length}`);
  }
  if (tier.frozen !== null) return loud('frozen', 'Frozen');
  const since = sinceWords(tier, now, me);
  switch (verdict.type) {
    case 'empty':
      return quiet('No release here yet');
    case 'deploy_failed':
      return verdict.failure?.failure?.type === 'interrupted' ? loud('interrupted', 'Interrupted') : loud('failed', 'Failed');
    case 'failed':
      return gateStatus(tier, verdict.gate) === 'interrupted' ? loud('interrupted', 'Interrupted') : loud('failed', 'Failed');
    case 'rejected':
      return loud('failed', `Rejected${byWhom(verdict.by, me)}`);
    case 'rolled_back':
      return { ...since, state: 'rolled back', mark: 'rolled_back', text: `Rolled back ${since.text.replace('since ', '')}` };
    case 'waits_for_hand':
      return { ...since, state: 'waits for a confirm' };
    case 'waits_for_time':
      return { ...since, state: 'burning in' };
    case 'running':
      return { ...since, state: `${verdict.gate.id} runs` };
    case 'queued':
      return { ...since, state: `${verdict.gate.id} waits to start` };
    case 'cancelled':
      return { ...since, state: `${verdict.gate.id} cancelled` };
    case 'satisfied':
      return since;
    default:
      return verdict satisfies never;
  }
}

function movingWords(tier: TierState): string {
  const move = tier.move;
  if (move === null) return '';
  const doing = { promote: 'Deploying', rollback: 'Rolling back', redeploy: 'Redeploying' }[move.type];
  const mine = tier.nodes.filter((node) => move.nodes.includes(node.id));
  const done = mine.filter(
    (node) => node.deploy?.version === move.version && node.deploy.status === 'ok' && node.deploy.started_at >= move.started_at,
  ).length;
  return `${doing} ${Math.min(done + 1, mine.length)} of ${mine.length}`;
}

/** `since 01:52, Ana` when quiet; how old the checks are when they are too old to speak for now; when it passed, without nodes. */
function sinceWords(tier: TierState, now: number, me: Actor | null): Line {
  const current = tier.current;
  if (current === null) return quiet('No release here yet');
  if (tier.nodes.length === 0) {
    const ended = tier.gates
      .flatMap((gate) => endOf(tier, gate.id))
      .sort()
      .at(-1);
    const passed = tierVerdict(tier).type === 'satisfied';
    return passed
      ? quiet(`passed ${ago(ended ?? current.since_at, now)}`, 'passed', ended ?? current.since_at)
      : quiet(`since ${moment(current.since_at, now)}`, '', current.since_at);
  }
  const checks = tier.nodes.flatMap((node) => (node.observed === null ? [] : [node.observed.checked_at])).sort();
  const oldest = checks[0];
  if (oldest !== undefined && checks.length === tier.nodes.length && secondsBetween(oldest, now) > PROBE_FRESH_S)
    return quiet(`checked ${ago(oldest, now)}`, '', oldest);
  const intended = tier.intended ?? { since_at: current.since_at, by: current.by };
  return quiet(`since ${moment(intended.since_at, now)}${byline(intended.by, me)}`, '', intended.since_at);
}

function endOf(tier: TierState, gate: string): Instant[] {
  const state = tier.current?.gates[gate];
  return state !== undefined && 'ended_at' in state ? [state.ended_at] : [];
}

/** Seconds a move over so many nodes usually takes: as many usual deploys as it makes one after another. Null without history. */
export function usualMove(project: ProjectState, tier: TierState, nodes: number): { p50: number; p90: number } | null {
  const one = usual(project, stepKey.deploy(tier.id));
  if (one === null) return null;
  const rounds = tier.canary === 'parallel' ? 1 : tier.canary === 'one_then_rest' ? Math.min(2, nodes) : nodes;
  return { p50: one.p50 * rounds, p90: one.p90 * rounds };
}

function moveProgress(project: ProjectState, tier: TierState, now: number): Progress | null {
  if (tier.move === null) return null;
  const whole = usualMove(project, tier, tier.move.nodes.length);
  return whole === null ? null : { elapsed_s: secondsBetween(tier.move.started_at, now), usual: whole };
}
