/**
 * A viewer without a subprotocol: every envelope and every log chunk as one JSON text frame, as a Sando-style client or `websocat` reads them.
 * Nothing needs to be sent. Without `after` it behaves as the older server did: it sees what happens from now on, and is told how many it
 * missed when it is too slow. With `after` it is given what is missing from the log instead.
 */
import { CLOSE } from '../../src/shared/protocol/close_codes.ts';
import { encodePlain } from '../../src/shared/protocol/codec.ts';
import type { Envelope } from '../../src/shared/protocol/envelope.ts';
import { instant } from '../clock.ts';
import { Heartbeat } from './heartbeat.ts';
import { Lanes } from './lanes.ts';
import { BATCH_EVENTS, OUTBOX_HIGH_BYTES } from './limits.ts';
import { Outbox } from './outbox.ts';
import type { LogChange } from './open_logs.ts';
import { endedRun } from './run_ends.ts';
import type { Session } from './session.ts';
import type { SocketPort } from './socket_port.ts';
import { Tail } from './tail.ts';
import type { ViewerDeps } from './viewer_deps.ts';

export interface PlainOptions {
  /** Position to replay from, or null for "from now on, not refilled". */
  after: number | null;
  /** Whether to send log chunks. */
  chunks: boolean;
  /** Bytes of the logs that are being written: they are shown from here on. */
  openLogs: ReadonlyMap<number, number>;
  /** Sends a ping of the WebSocket itself. */
  ping: () => void;
}

export class PlainSession implements Session {
  readonly #socket: SocketPort;
  readonly #deps: ViewerDeps;
  readonly #options: PlainOptions;
  readonly #outbox: Outbox;
  readonly #lanes: Lanes;
  readonly #tail: Tail;
  readonly #heartbeat = new Heartbeat();
  readonly #ended = new AbortController();
  /** All up to here has been handed to the socket. */
  #given: number;
  /** New logs, and the head when they were noticed: each run's start is at or before it. */
  readonly #early = new Map<number, number>();

  constructor(socket: SocketPort, deps: ViewerDeps, options: PlainOptions) {
    this.#socket = socket;
    this.#deps = deps;
    this.#options = options;
    this.#outbox = new Outbox(socket, deps.counters);
    this.#lanes = new Lanes({
      logs: deps.logs,
      outbox: this.#outbox,
      clock: deps.clock,
      print: (chunk) => deps.frames.get(`plain chunk ${chunk.run_id} ${chunk.offset} ${chunk.bytes}`, () => encodePlain(chunk)),
      onGap: (run_id, from, to) => this.#onGap(run_id, from, to),
      onEnd: () => {},
      onError: (run_id, error) => deps.report(`the log of run ${run_id} could not be read for a viewer`, error),
    });
    if (options.chunks) for (const [run_id, bytes] of options.openLogs) this.#lanes.open(run_id, bytes);
    // What was published is what was folded: the log may already hold an event that is about to be.
    this.#tail = new Tail(deps.bus.subscribe(), Math.min(options.after ?? Infinity, deps.recording.state().seq_no));
    this.#given = this.#tail.upto;
    this.#run().then(
      () => this.#close(CLOSE.going_away, 'the server shuts down'),
      (error: unknown) => {
        if (this.#ended.signal.aborted) return;
        deps.report('the events of a viewer could not be read', error);
        this.#close(CLOSE.internal, 'the event log could not be read');
      },
    );
  }

  receive(): void {
    if (!this.#heartbeat.heard()) this.#close(CLOSE.protocol, 'nothing needs to be sent here');
  }

  heard(): void {
    this.#heartbeat.heard();
  }

  tick(): void {
    if (this.#ended.signal.aborted) return;
    const beat = this.#heartbeat.beat(this.#outbox);
    if (beat === 'silent') this.#deps.counters.closed_silent++;
    if (beat === 'stalled') this.#deps.counters.closed_stalled++;
    if (beat === 'alive') this.#options.ping();
    else this.#close(CLOSE[beat], beat);
  }

  logChanged({ run_id, bytes, isNew }: LogChange): void {
    if (!this.#options.chunks || this.#ended.signal.aborted) return;
    // Only new: a log whose lane has come to its end would be shown a second time.
    if (!isNew) return this.#lanes.changed(run_id, bytes);
    // A session that waits for another log to drain may not have given the run's start yet, and a reader expects that first.
    this.#early.set(run_id, this.#deps.recording.state().seq_no);
    this.#openEarly();
  }

  #openEarly(): void {
    for (const [run_id, head] of this.#early) {
      if (head > this.#given) continue;
      this.#early.delete(run_id);
      this.#lanes.open(run_id, 0);
    }
  }

  #gaveUpTo(seq_no: number): void {
    this.#given = seq_no;
    this.#openEarly();
  }

  end(): void {
    this.#ended.abort(new Error('the session has ended'));
    this.#tail.close();
    this.#lanes.close();
    this.#outbox.close();
  }

  /** Resolves when the bus is closed. */
  async #run(): Promise<void> {
    const { signal } = this.#ended;
    if (this.#options.after !== null) await this.#replay();
    for (;;) {
      const got = this.#tail.receive();
      if (got.type === 'event') await this.#give(got.event);
      else if (got.type === 'behind') await this.#fallBehind(got.missing);
      else if (got.type === 'closed') return;
      else await this.#tail.ready(signal);
      signal.throwIfAborted();
    }
  }

  async #fallBehind(missing: number): Promise<void> {
    this.#deps.counters.lags++;
    this.#deps.counters.events_skipped += missing;
    if (this.#options.after !== null) return this.#replay();
    this.#tellSkipped(missing);
    this.#tail.skipMissing();
    this.#gaveUpTo(this.#tail.upto);
  }

  /** All that is stored after the tail's position. What was trimmed is told as skipped. */
  async #replay(): Promise<void> {
    for (;;) {
      const { floor, head } = this.#deps.log.bounds();
      if (this.#tail.upto < floor) {
        this.#tellSkipped(floor - this.#tail.upto);
        this.#tail.upto = floor;
      }
      if (this.#tail.upto >= head) return;
      const { envelopes, upto } = await this.#deps.log.read(this.#tail.upto, BATCH_EVENTS);
      for (const envelope of envelopes) await this.#give(envelope);
      this.#tail.upto = upto;
      this.#gaveUpTo(upto);
    }
  }

  async #give(envelope: Envelope): Promise<void> {
    const run_id = endedRun(envelope);
    if (run_id !== null) await this.#lanes.drain(run_id);
    const frame = this.#deps.frames.get(`plain ${envelope.seq_no}`, () => encodePlain(envelope));
    await this.#outbox.room(frame.length, OUTBOX_HIGH_BYTES);
    this.#ended.signal.throwIfAborted();
    void this.#outbox.send(frame);
    this.#gaveUpTo(envelope.seq_no);
  }

  #tellSkipped(skipped: number): void {
    void this.#outbox.send(Buffer.from(encodePlain({ kind: 'lagged', at: instant(this.#deps.clock.now()), skipped })));
  }

  #onGap(run_id: number, from: number, to: number): void {
    this.#deps.counters.log_gaps++;
    void this.#outbox.send(Buffer.from(encodePlain({ kind: 'log_gap', at: instant(this.#deps.clock.now()), run_id, from, to })));
  }

  #close(code: number, reason: string): void {
    this.end();
    this.#socket.close(code, reason);
  }
}
