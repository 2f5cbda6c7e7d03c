/**
 * `GET /api/events?since=ms`, the work-board poll of the older API, as a projection of the log: a release reaching a tier is a stage
 * transition, a failed or blocked gate a story that is blocked. Its invariant: timestamps are strictly increasing and a row keeps its own
 * for ever. Events of one millisecond would otherwise be lost to a caller who asks "strictly later than the last I saw". It is folded from
 * the beginning of the log, because where a row's millisecond was taken by the row before depends on all rows before.
 */
import { setImmediate as breath } from 'node:timers/promises';
import type { State } from '../../src/shared/fold/state.ts';
import { isKnown, type Envelope, type KnownEnvelope } from '../../src/shared/protocol/envelope.ts';
import type { Kind } from '../../src/shared/protocol/events/event.ts';
import type { Blocker, Outcome } from '../../src/shared/protocol/outcome.ts';
import { READ_LIMIT, type EventLog } from '../eventlog/port.ts';

export const ROWS_KEPT = 500;

export type PollEvent =
  | { type: 'stage_transition'; story_id: string; from_stage: string; to_stage: string }
  | { type: 'merge_failure'; story_id: string; reason: string }
  | { type: 'story_blocked'; story_id: string; reason: string };
export type PollRow = PollEvent & { timestamp_ms: number };

/** Strictly later than `since`, oldest first. */
export function pollRows(rows: readonly PollRow[], since: number): PollRow[] {
  return rows.filter((row) => row.timestamp_ms > since);
}

const PROJECTED: readonly Kind[] = ['stage_transition', 'merge_failure', 'story_blocked', 'build_ok', 'promote_complete', 'gate_done'];

export class PollProjection {
  readonly #log: Pick<EventLog, 'read' | 'bounds'>;
  readonly #state: () => State;
  #rows: PollRow[] = [];
  #epoch = '';
  #upto = 0;
  #last_ms = 0;
  #reading: Promise<unknown> = Promise.resolve();

  /** @param state for the order of tiers: the stage a release comes from is the tier before. */
  constructor(log: Pick<EventLog, 'read' | 'bounds'>, state: () => State) {
    this.#log = log;
    this.#state = state;
  }

  /** The last 500, oldest first. */
  async rows(): Promise<readonly PollRow[]> {
    // One reader at a time: two would each add the same rows.
    const read = this.#reading.then(() => this.#readOn());
    this.#reading = read.catch(() => undefined);
    await read;
    return this.#rows;
  }

  async #readOn(): Promise<void> {
    const { epoch, floor } = this.#log.bounds();
    if (epoch !== this.#epoch) this.#restart(epoch, floor);
    for (;;) {
      const { envelopes, upto } = await this.#log.read(this.#upto, READ_LIMIT, { kinds: PROJECTED });
      const added = envelopes.flatMap((envelope) => this.#row(envelope));
      // Replaced, not pushed to: a caller may still hold the rows.
      if (added.length > 0) this.#rows = [...this.#rows, ...added].slice(-ROWS_KEPT);
      if (upto <= this.#upto) return;
      this.#upto = upto;
      // The first reading is of the whole history: others want their turn between two pages.
      await breath();
    }
  }

  #restart(epoch: string, floor: number): void {
    this.#epoch = epoch;
    this.#upto = floor;
    this.#rows = [];
    this.#last_ms = 0;
  }

  #row(envelope: Envelope): PollRow[] {
    const event = isKnown(envelope) ? project(envelope, this.#state()) : null;
    if (event === null) return [];
    this.#last_ms = Math.max(Date.parse(envelope.at), this.#last_ms + 1);
    return [{ ...event, timestamp_ms: this.#last_ms }];
  }
}

function project(e: KnownEnvelope, state: State): PollEvent | null {
  switch (e.kind) {
    case 'stage_transition':
      return { type: e.kind, story_id: e.story_id, from_stage: e.from_stage, to_stage: e.to_stage };
    case 'merge_failure':
    case 'story_blocked':
      return { type: e.kind, story_id: e.story_id, reason: e.reason };
    case 'build_ok':
      return { type: 'stage_transition', story_id: e.version, from_stage: 'build', to_stage: tiersOf(state, e.project)[0] ?? 'built' };
    case 'promote_complete':
      return { type: 'stage_transition', story_id: e.version, from_stage: stageBefore(state, e.project, e.tier), to_stage: e.tier };
    case 'gate_done': {
      const reason = reasonOf(e.outcome);
      return reason === null ? null : { type: 'story_blocked', story_id: e.version, reason: `${e.tier} ${e.gate}: ${reason}` };
    }
    default:
      return null;
  }
}

function tiersOf(state: State, project: string): readonly string[] {
  return state.projects.find(({ id }) => id === project)?.tiers.map(({ id }) => id) ?? [];
}

function stageBefore(state: State, project: string, tier: string): string {
  const tiers = tiersOf(state, project);
  return tiers[tiers.indexOf(tier) - 1] ?? 'build';
}

function reasonOf(outcome: Outcome): string | null {
  switch (outcome.status) {
    case 'passed':
      return null;
    case 'failed':
      return `failed (${outcome.classification.type})`;
    case 'blocked':
      return `blocked (${outcome.blockers.map((blocker: Blocker) => blocker.type).join(', ')})`;
    default:
      return outcome satisfies never;
  }
}
