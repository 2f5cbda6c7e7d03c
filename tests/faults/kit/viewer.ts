/**
 * A viewer as a person is one: it may lose its link and come back, and what it knows survives. It speaks `signalbox.v1`, folds what it gets as
 * the page does, and checks every frame against its own position; what does not fit is a violation, kept and never repaired. It shares the
 * fold and the codec with the product, and nothing of its transport: a mistake there must not hide here.
 */
import { fold } from '../../../src/shared/fold/fold.ts';
import { EMPTY_STATE, type State } from '../../../src/shared/fold/state.ts';
import { decodeFrameDown, encodeFrame } from '../../../src/shared/protocol/codec.ts';
import { SUBPROTOCOL, type FrameDown, type FrameDownOf, type FrameUp } from '../../../src/shared/protocol/frames.ts';
import { Facts } from './facts.ts';
import { RawWebSocket, type Closed } from './web_socket.ts';

export interface Position {
  epoch: string;
  after: number;
  /** Null when it was not seen, as behind a snapshot. */
  id: string | null;
}

export interface ViewerOptions {
  /** Keeps every frame in `frames`; by default only what is counted and folded. */
  keeps?: boolean;
  /** Says `resume` as soon as it is greeted. Default true. */
  resumes?: boolean;
  /** Answers pings. Default true. */
  answers?: boolean;
  /** Folds what it gets. Default true; many viewers of many events need more of a processor than a test has. */
  folds?: boolean;
}

/** What a watched run's lane has shown. */
export interface LaneSeen {
  /** The texts, joined; a gap is where `gaps` says. */
  text: string;
  /** File offset of the next byte. */
  next: number;
  gaps: { from: number; to: number }[];
  ended: boolean;
}

export class Viewer {
  readonly name: string;
  state: State = EMPTY_STATE;
  position: Position | null = null;
  /** Sentences. */
  readonly violations: string[] = [];
  readonly frames: FrameDown[] = [];
  /** Of each `lagged`. */
  readonly lagged: number[] = [];
  /** The same, with what it had by then. */
  readonly lags: { after: number; skipped: number }[] = [];
  readonly replays: { upto: number; recovered: boolean }[] = [];
  /** seq_no of each event received, replays included. */
  readonly seqs: number[] = [];
  snapshots = 0;
  readonly lanes = new Map<number, LaneSeen>();
  hello: FrameDownOf<'hello'> | null = null;
  closed: Closed | null = null;
  socket: RawWebSocket | null = null;
  readonly #facts = new Facts();
  readonly #options: ViewerOptions;
  #parts: string[] = [];
  #link = 0;

  constructor(name = 'a viewer', options: ViewerOptions = {}) {
    this.name = name;
    this.#options = options;
  }

  /** Resolves when greeted. What it knew before it still knows. @throws Refused */
  async connect(port: number, path = '/events'): Promise<this> {
    this.drop();
    this.hello = this.closed = null;
    this.#parts = [];
    const link = ++this.#link;
    // What an earlier link still delivers is not this one's.
    const isMine = (): boolean => link === this.#link;
    const text = (payload: Buffer): void => void (isMine() && this.#onText(payload.toString()));
    this.socket = await RawWebSocket.open(port, path, SUBPROTOCOL, { text });
    void this.socket.closed.then((closed) => {
      if (!isMine()) return;
      this.closed = closed;
      this.#facts.changed();
    });
    await this.until(`${this.name} to be greeted`, () => this.hello !== null || this.closed !== null);
    if (this.#options.resumes ?? true) this.resume();
    return this;
  }

  say(frame: FrameUp): void {
    this.socket?.say(encodeFrame(frame));
  }

  resume(point: Position | null = this.position): void {
    this.say({ type: 'resume', ...(point ?? { epoch: null, after: null, id: null }) });
  }

  /** Follows a run's log from where it is. */
  watch(run_id: number): void {
    const lane = this.lanes.get(run_id) ?? { text: '', next: 0, gaps: [], ended: false };
    this.lanes.set(run_id, lane);
    this.say({ type: 'watch', run_id, offset: lane.next });
  }

  stopReading(): void {
    this.socket?.stopReading();
  }

  read(): void {
    this.socket?.read();
  }

  /** Without a goodbye. Idempotent. */
  drop(): void {
    this.socket?.drop();
  }

  /** Position of the last event it knows; 0 before the first. */
  get upto(): number {
    return this.position?.after ?? 0;
  }

  /** Resolves when it has everything up to `seq_no` and its catch-up is over. */
  reached(seq_no: number, deadline_ms?: number): Promise<void> {
    return this.until(
      `${this.name} to reach ${seq_no}, it is at ${this.upto}`,
      () => this.upto >= seq_no && this.replays.length > 0,
      deadline_ms,
    );
  }

  until(what: string, isSo: () => boolean, deadline_ms?: number): Promise<void> {
    return this.#facts.until(what, isSo, deadline_ms);
  }

  #onText(text: string): void {
    const frame = decodeFrameDown(text);
    if (this.#options.keeps === true) this.frames.push(frame);
    this.#onFrame(frame);
    this.#facts.changed();
  }

  #onFrame(frame: FrameDown): void {
    switch (frame.type) {
      case 'hello':
        this.hello = frame;
        return;
      case 'snapshot':
        return this.#onSnapshot(frame);
      case 'events':
        return this.#onEvents(frame);
      case 'replayed':
        this.replays.push({ upto: frame.upto, recovered: frame.recovered });
        if (frame.upto !== this.upto) this.#wrong(`replayed says ${frame.upto}, but it has all up to ${this.upto}`);
        this.position ??= { epoch: this.hello?.epoch ?? '', after: frame.upto, id: null };
        return;
      case 'lagged':
        this.lagged.push(frame.skipped);
        this.lags.push({ after: this.upto, skipped: frame.skipped });
        return;
      case 'ping':
        if (this.#options.answers ?? true) this.say({ type: 'pong' });
        return;
      case 'chunk': {
        const { run_id, offset = 0, bytes = 0, text } = frame.chunk;
        const lane = this.#laneAt(run_id, offset);
        if (lane !== null) Object.assign(lane, { text: lane.text + text, next: offset + bytes });
        return;
      }
      case 'log_gap': {
        const lane = this.#laneAt(frame.run_id, frame.from);
        lane?.gaps.push({ from: frame.from, to: frame.to });
        if (lane !== null) lane.next = frame.to;
        return;
      }
      case 'log_end': {
        const lane = this.#laneAt(frame.run_id, frame.bytes);
        if (lane !== null) lane.ended = true;
        return;
      }
      case 'error':
        return this.#wrong(`error ${frame.code}: ${frame.message}`);
      default:
        return frame satisfies never;
    }
  }

  #onSnapshot({ part, of, text, seq_no, epoch }: FrameDownOf<'snapshot'>): void {
    if (part === 1) this.#parts = [];
    if (part !== this.#parts.length + 1) this.#wrong(`snapshot part ${part} after part ${this.#parts.length}`);
    this.#parts.push(text);
    if (part < of) return;
    const state = JSON.parse(this.#parts.join('')) as State;
    if (state.seq_no !== seq_no) this.#wrong(`a snapshot of ${state.seq_no} that says ${seq_no}`);
    const last = state.activity.at(-1);
    this.state = state;
    this.position = { epoch, after: seq_no, id: last?.seq_no === seq_no ? last.id : null };
    this.snapshots++;
  }

  #onEvents({ after, upto, items }: FrameDownOf<'events'>): void {
    if (after !== this.upto) this.#wrong(`a batch after ${after}, but it has all up to ${this.upto}`);
    if (items.length !== upto - after) this.#wrong(`a batch from ${after} to ${upto} with ${items.length} events`);
    for (const [i, item] of items.entries()) {
      if (item.seq_no !== after + 1 + i) this.#wrong(`event ${item.seq_no} at place ${i} of the batch after ${after}`);
      this.seqs.push(item.seq_no);
      if (this.#options.folds ?? true) this.state = fold(this.state, item);
    }
    this.position = { epoch: this.hello?.epoch ?? '', after: upto, id: items.at(-1)?.id ?? null };
  }

  #laneAt(run_id: number, offset: number): LaneSeen | null {
    const lane = this.lanes.get(run_id);
    if (lane === undefined) this.#wrong(`output of run ${run_id}, which it does not watch`);
    else if (lane.next !== offset) this.#wrong(`output of run ${run_id} at ${offset}, but it has all up to ${lane.next}`);
    return lane ?? null;
  }

  #wrong(what: string): void {
    this.violations.push(`${this.name}: ${what}`);
  }
}
