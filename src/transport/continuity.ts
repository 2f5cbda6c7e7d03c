/**
 * The reader's position in the event log, and the proof that nothing between two frames was missed: `after` of each batch must equal the
 * `upto` before it. Without the check a lost frame would leave a panel that looks live and is wrong. It never repairs: a hole is reported, and
 * `resume` says from where to go on. What was on its way when it was said is passed over until something joins.
 */
import type { State } from '../shared/fold/state.ts';
import type { Envelope } from '../shared/protocol/envelope.ts';
import type { FrameDown, FrameDownOf } from '../shared/protocol/frames.ts';
import { SnapshotAssembly } from './snapshot_assembly.ts';

export interface Position {
  epoch: string;
  after: number;
  /** Id of the envelope at `after`; another id there is another history. Null when the position is not at an envelope this page has seen. */
  id: string | null;
}

export type Reading =
  | { type: 'snapshot'; state: State }
  | { type: 'events'; items: readonly Envelope[] }
  /** All that was missed is in. `skipped` is what the page fell behind on the way. */
  | { type: 'caught_up'; skipped: number }
  /** Of a snapshot that is not complete. */
  | { type: 'part' }
  /** Something between what this page has and this frame did not come. Nothing of the frame is taken. */
  | { type: 'hole' }
  /** Does not join, but may be older than the last `resume`. */
  | { type: 'passed_over' }
  /** Not about the event log. */
  | { type: 'none' };

export class Continuity {
  #position: Position | null = null;
  #epoch: string | null = null;
  #skipped = 0;
  /** Said `resume` on a link that was in use, and nothing since has joined. */
  #asked = false;
  readonly #snapshot = new SnapshotAssembly();

  /** Last position received; -1 before the first. */
  get upto(): number {
    return this.#position?.after ?? -1;
  }

  /** What to say first on a new link, and on the same one after a hole. @param used whether frames may be on their way that are older. */
  resume(used: boolean): { type: 'resume'; epoch: string | null; after: number | null; id: string | null } {
    this.#snapshot.reset();
    this.#asked = used;
    this.#skipped = 0;
    return { type: 'resume', ...(this.#position ?? { epoch: null, after: null, id: null }) };
  }

  /** @throws CodecError for a snapshot that is no state. */
  read(frame: FrameDown): Reading {
    switch (frame.type) {
      case 'hello':
        this.#epoch = frame.epoch;
        return { type: 'none' };
      case 'snapshot':
        return this.#readSnapshot(frame);
      case 'events':
        return this.#readEvents(frame);
      case 'replayed':
        return this.#readReplayed(frame);
      case 'lagged':
        if (!this.#asked) this.#skipped += frame.skipped;
        return { type: 'none' };
      case 'ping':
      case 'chunk':
      case 'log_gap':
      case 'log_end':
      case 'error':
        return { type: 'none' };
      default:
        return frame satisfies never;
    }
  }

  #readSnapshot(frame: FrameDownOf<'snapshot'>): Reading {
    const state = this.#snapshot.add(frame);
    if (state === 'lost') return this.#doesNotJoin();
    this.#asked = false;
    if (state === null) return { type: 'part' };
    const last = state.activity.at(-1);
    this.#epoch = frame.epoch;
    this.#position = { epoch: frame.epoch, after: frame.seq_no, id: last?.seq_no === frame.seq_no ? last.id : null };
    return { type: 'snapshot', state };
  }

  #readEvents(frame: FrameDownOf<'events'>): Reading {
    if (!this.#joins(frame.after) || frame.upto < frame.after) return this.#doesNotJoin();
    this.#advance(frame.upto, frame.items.at(-1));
    return { type: 'events', items: frame.items };
  }

  #readReplayed(frame: FrameDownOf<'replayed'>): Reading {
    if (!this.#joins(frame.upto)) return this.#doesNotJoin();
    this.#advance(frame.upto, undefined);
    const skipped = this.#skipped;
    this.#skipped = 0;
    return { type: 'caught_up', skipped };
  }

  /** In another epoch the same number is another place. */
  #joins(after: number): boolean {
    // A page that knows nothing may be sent the whole log instead of a snapshot: that begins after 0.
    if (this.#position === null) return after === 0;
    return after === this.#position.after && this.#position.epoch === this.#epoch;
  }

  #doesNotJoin(): Reading {
    return { type: this.#asked ? 'passed_over' : 'hole' };
  }

  #advance(upto: number, last: Envelope | undefined): void {
    this.#asked = false;
    const known = this.#position;
    const id = last?.seq_no === upto ? last.id : known?.after === upto ? known.id : null;
    this.#position = { epoch: known?.epoch ?? this.#epoch ?? '', after: upto, id };
  }
}
