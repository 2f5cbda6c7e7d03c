/**
 * A viewer without a subprotocol: every envelope and every log chunk as one JSON text frame, as a Sando-style client or `websocat` reads them.
 * Nothing needs to be sent. Without `after` it behaves as the older server did: it sees what happens from now on, and is told how many it
 * missed when it is too slow. With `after` it is given what is missing from the log instead.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CLOSE } from '../../src/shared/protocol/close_codes.ts';
import { encodePlain } from '../../src/shared/protocol/codec.ts';
import { instant } from '../clock.ts';
import { EventFeed } from './event_feed.ts';
import { Heartbeat } from './heartbeat.ts';
import { Lanes } from './lanes.ts';
import { Outbox } from './outbox.ts';
import type { LogChange } from './open_logs.ts';
import type { Session } from './session.ts';
import type { SocketPort } from './socket_port.ts';
import type { ViewerDeps } from './viewer_deps.ts';
import { textFrame } from './wire.ts';

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
  readonly #feed: EventFeed;
  readonly #heartbeat = new Heartbeat();
  readonly #ended = new AbortController();
  /** Logs whose run's start is yet to be given: the head when they were noticed, which the start is at or before, and where they are shown from. */
  readonly #early = new Map<number, { head: number; from: number }>();

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
    const { seq_no: head } = deps.recording.state();
    if (options.chunks)
      for (const [run_id, from] of options.openLogs) {
        if (options.after === null) this.#lanes.open(run_id, from);
        else this.#early.set(run_id, { head, from });
      }
    this.#feed = new EventFeed(deps, {
      voice: 'plain',
      outbox: this.#outbox,
      // A run may be over before its start was given: its log is owed all the same.
      lanes: { has: (run_id) => this.#early.has(run_id) || this.#lanes.has(run_id), drain: (run_id) => this.#drain(run_id) },
      signal: this.#ended.signal,
      // From now on means what is not published yet: the log may already hold an event that is about to be. A reader that names its place may have
      // been given that one from the log already.
      upto: options.after ?? head,
      onGiven: () => this.#openEarly(),
    });
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
    this.#early.set(run_id, { head: this.#deps.recording.state().seq_no, from: 0 });
    // What waits for the end of the window goes now, so that nobody has to look for it with every event.
    this.#deps.broadcaster.flush();
    this.#openEarly();
  }

  #openEarly(): void {
    for (const [run_id, { head, from }] of this.#early) if (head <= this.#feed.upto) this.#openNew(run_id, from);
  }

  #openNew(run_id: number, from: number): void {
    this.#early.delete(run_id);
    this.#lanes.open(run_id, from);
  }

  #drain(run_id: number): Promise<void> {
    const early = this.#early.get(run_id);
    if (early !== undefined) this.#openNew(run_id, early.from);
    return this.#lanes.drain(run_id);
  }

  end(): void {
    this.#ended.abort(new Error('the session has ended'));
    this.#lanes.close();
    this.#outbox.close();
  }

  /** Resolves when the bus is closed. */
  async #run(): Promise<void> {
    if (this.#options.after !== null) await this.#replay();
    await this.#feed.run(async (missing) => {
      this.#deps.counters.lags++;
      this.#deps.counters.events_skipped += missing;
      if (this.#options.after !== null) return this.#replay();
      this.#tellSkipped(missing);
      this.#feed.skipMissing();
    });
  }

  /** All that is stored after what was given. What was trimmed is told as skipped. */
  async #replay(): Promise<void> {
    const { log, pages } = this.#deps;
    for (;;) {
      const { floor, head } = log.bounds();
      if (this.#feed.upto < floor) {
        this.#tellSkipped(floor - this.#feed.upto);
        this.#feed.upto = floor;
      }
      if (this.#feed.upto >= head) return;
      await this.#feed.roomForPage();
      const page = await pages.after(this.#feed.upto);
      if (page !== null) await this.#feed.givePage(page);
      // The log is read in this thread: others want their turn between two pages.
      await nextTurn();
      this.#ended.signal.throwIfAborted();
    }
  }

  #tellSkipped(skipped: number): void {
    this.#outbox.write(textFrame(encodePlain({ kind: 'lagged', at: instant(this.#deps.clock.now()), skipped })));
  }

  #onGap(run_id: number, from: number, to: number): void {
    this.#deps.counters.log_gaps++;
    this.#outbox.write(textFrame(encodePlain({ kind: 'log_gap', at: instant(this.#deps.clock.now()), run_id, from, to })));
  }

  #close(code: number, reason: string): void {
    this.end();
    this.#socket.close(code, reason);
  }
}
