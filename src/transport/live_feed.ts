/**
 * The conversation on a live link: `hello` is answered with `resume`, frames become state and events in an order that is proved, watched runs
 * are asked for again on every new link. It holds what must survive a link: the position, the clock, the watches. It folds nothing and
 * shows nothing; what it cannot prove it does not pass on.
 */
import type { State } from '../shared/fold/state.ts';
import { FOLD_VERSION } from '../shared/fold/state.ts';
import type { Envelope } from '../shared/protocol/envelope.ts';
import type { Chunk } from '../shared/protocol/events/chunk.ts';
import type { FrameDown, FrameDownOf, FrameUp } from '../shared/protocol/frames.ts';
import { PROTOCOL_VERSION } from '../shared/protocol/version.ts';
import { Continuity } from './continuity.ts';
import type { LinkListener } from './live_socket.ts';
import { ServerClock } from './server_clock.ts';

export type Hello = FrameDownOf<'hello'>;

export interface FeedListener {
  snapshot(state: State): void;
  /** @param live false while catching up. */
  events(items: readonly Envelope[], live: boolean): void;
  caughtUp(skipped: number): void;
  hello(hello: Hello): void;
  /** Any frame. @param server_ms server time of its arrival; null before the first `now`. */
  heard(server_ms: number | null): void;
  /** The server has named its head; `upto` is how far this page has read. */
  position(head: number | null, upto: number): void;
  /** `required`: this page would misread the server. `offered`: another build of the same protocol. */
  newVersion(need: 'required' | 'offered', server_version: string): void;
  connecting(): void;
  opened(): void;
  waiting(next_try_ms: number): void;
  stopped(reason: string, code: number): void;
  defect(error: unknown): void;
  /** The server did not take something this page sent. */
  complained(message: string): void;
}

/** Who follows the log of one run. */
export interface LogWatcher {
  /** Byte offset to go on from; asked for on every new link. */
  offset(): number;
  chunk(chunk: Chunk): void;
  gap(from: number, to: number): void;
  end(bytes: number): void;
  /** The server cannot give this log. */
  failed(message: string): void;
}

/** What the feed needs of a live socket. */
export interface FeedSocket {
  send(frame: FrameUp): boolean;
  replacePaced(): void;
  stop(): void;
}

export class LiveFeed implements LinkListener {
  readonly clock = new ServerClock();
  readonly #listener: FeedListener;
  readonly #now: () => number;
  readonly #watchers = new Map<number, LogWatcher>();
  #continuity = new Continuity();
  #socket: FeedSocket | null = null;
  #greeted = false;
  #live = false;
  #asked_ms: number | null = null;
  #broken = false;
  #server_version: string | null = null;

  /** @param now monotonic ms. */
  constructor(listener: FeedListener, now: () => number) {
    this.#listener = listener;
    this.#now = now;
  }

  attach(socket: FeedSocket): void {
    this.#socket = socket;
  }

  /** Follows a run's log, also before the run exists; one watcher a run. @returns its undo. */
  watch(run_id: number, watcher: LogWatcher): () => void {
    this.#watchers.set(run_id, watcher);
    this.#sendWatch(run_id, watcher);
    return () => {
      if (this.#watchers.get(run_id) !== watcher) return;
      this.#watchers.delete(run_id);
      this.#socket?.send({ type: 'unwatch', run_id });
    };
  }

  /** Asks once more from the watcher's present offset. */
  rewatch(run_id: number): void {
    const watcher = this.#watchers.get(run_id);
    if (watcher === undefined) return;
    this.#socket?.send({ type: 'unwatch', run_id });
    this.#sendWatch(run_id, watcher);
  }

  connecting(): void {
    this.#greeted = this.#live = false;
    this.#listener.connecting();
  }

  opened(): void {
    this.#greeted = this.#live = false;
    this.#listener.opened();
  }

  waiting(next_try_ms: number): void {
    this.#greeted = this.#live = false;
    this.#listener.waiting(next_try_ms);
  }

  stopped(reason: string, code: number): void {
    this.#greeted = this.#live = false;
    this.#listener.stopped(reason, code);
  }

  defect(error: unknown): void {
    this.#socket?.stop();
    this.#live = false;
    this.#listener.defect(error);
  }

  frame(frame: FrameDown): void {
    if (frame.type === 'hello' || frame.type === 'ping') this.clock.sample(Date.parse(frame.now), this.#now());
    else this.#measure();
    const offset = this.clock.offset_ms;
    this.#listener.heard(offset === null ? null : this.#now() + offset);
    try {
      if (frame.type === 'hello') this.#greet(frame);
      else this.#read(frame);
    } catch (error) {
      this.defect(error);
    }
  }

  #greet(hello: Hello): void {
    if (hello.protocol !== PROTOCOL_VERSION || hello.fold_version !== FOLD_VERSION) {
      this.#socket?.stop();
      this.#listener.newVersion('required', hello.server_version);
      return;
    }
    if (this.#server_version !== null && this.#server_version !== hello.server_version)
      this.#listener.newVersion('offered', hello.server_version);
    this.#server_version ??= hello.server_version;
    this.#continuity.read(hello);
    this.#listener.hello(hello);
    this.#greeted = true;
    this.#asked_ms = this.#now();
    this.#socket?.send(this.#continuity.resume());
    for (const [run_id, watcher] of this.#watchers) this.#sendWatch(run_id, watcher);
    this.#listener.position(hello.head, this.#continuity.upto);
  }

  #read(frame: FrameDown): void {
    this.#readLog(frame);
    const reading = this.#continuity.read(frame);
    switch (reading.type) {
      case 'snapshot':
        this.#listener.snapshot(reading.state);
        break;
      case 'events':
        this.#listener.events(reading.items, this.#live);
        break;
      case 'caught_up':
        this.#live = true;
        this.#broken = false;
        this.#listener.caughtUp(reading.skipped);
        break;
      case 'broken':
        this.#mend();
        return;
      case 'none':
        if (frame.type === 'lagged') this.#live = false;
        break;
      default:
        reading satisfies never;
    }
    this.#listener.position(frame.type === 'ping' ? frame.head : null, this.#continuity.upto);
  }

  /** A second break before anything was whole again means that the position itself is not believed: begin with a snapshot. */
  #mend(): void {
    if (this.#broken) this.#continuity = new Continuity();
    this.#broken = true;
    this.#socket?.replacePaced();
  }

  #readLog(frame: FrameDown): void {
    switch (frame.type) {
      case 'chunk':
        this.#watchers.get(frame.chunk.run_id)?.chunk(frame.chunk);
        break;
      case 'log_gap':
        this.#watchers.get(frame.run_id)?.gap(frame.from, frame.to);
        break;
      case 'log_end':
        this.#watchers.get(frame.run_id)?.end(frame.bytes);
        break;
      case 'error':
        if (frame.run_id === undefined) this.#listener.complained(frame.message);
        else this.#watchers.get(frame.run_id)?.failed(frame.message);
        break;
      default:
    }
  }

  #sendWatch(run_id: number, watcher: LogWatcher): void {
    if (this.#greeted) this.#socket?.send({ type: 'watch', run_id, offset: watcher.offset() });
  }

  /** The first frame after `resume` closes one round trip. */
  #measure(): void {
    if (this.#asked_ms === null) return;
    this.clock.roundTrip(this.#now() - this.#asked_ms);
    this.#asked_ms = null;
  }
}
