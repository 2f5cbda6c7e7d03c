/**
 * The conversation on a live link: `hello` is answered with `resume`, frames become state and events in an order that is proved, watched runs
 * are asked for again on every new link. It holds what must survive a link: the position, the clock, the watches. It folds nothing and
 * shows nothing; what it cannot prove it does not pass on. A hole is mended by asking for what is missing, first on the same link, then on
 * a new one, then from nothing; until it is whole again the page is told that it is not.
 */
import type { State } from '../shared/fold/state.ts';
import { FOLD_VERSION } from '../shared/fold/state.ts';
import type { Envelope } from '../shared/protocol/envelope.ts';
import type { FrameDown, FrameDownOf, FrameUp } from '../shared/protocol/frames.ts';
import { PROTOCOL_VERSION } from '../shared/protocol/version.ts';
import { Continuity } from './continuity.ts';
import { ANSWER_WITHIN_MS } from './link_timing.ts';
import type { LinkListener } from './live_socket.ts';
import { LogWatches, type LogWatcher } from './log_watches.ts';
import { ServerClock } from './server_clock.ts';

export type { LogWatcher };
export type Hello = FrameDownOf<'hello'>;

export interface FeedListener {
  snapshot(state: State): void;
  /** @param live false while catching up. */
  events(items: readonly Envelope[], live: boolean): void;
  caughtUp(skipped: number): void;
  /** Something is missing on a link that stays: what is shown is not what the server has, until `caughtUp`. */
  catchingUp(): void;
  hello(hello: Hello): void;
  /** The server's event log is not the one this page knew. */
  anotherHistory(): void;
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

/** What the feed needs of a live socket. */
export interface FeedSocket {
  send(frame: FrameUp): boolean;
  replaceInTurn(): void;
  stop(): void;
}

export class LiveFeed implements LinkListener {
  readonly clock = new ServerClock();
  readonly #listener: FeedListener;
  readonly #now: () => number;
  readonly #watches = new LogWatches((frame) => this.#greeted && this.#socket?.send(frame));
  #continuity = new Continuity();
  #socket: FeedSocket | null = null;
  #greeted = false;
  #live = false;
  /** When the question of the present link left; null once its answer has been measured. */
  #asked_ms: number | null = null;
  #progress_ms = 0;
  /** Since all was whole. */
  #holes = 0;
  #epoch: string | null = null;
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
    return this.#watches.watch(run_id, watcher);
  }

  /** Asks once more from the watcher's present offset. */
  rewatch(run_id: number): void {
    this.#watches.rewatch(run_id);
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
    if (this.#epoch !== null && this.#epoch !== hello.epoch) this.#listener.anotherHistory();
    this.#epoch = hello.epoch;
    this.#greeted = true;
    this.#asked_ms = this.#progress_ms = this.#now();
    this.#socket?.send(this.#continuity.resume(false));
    this.#watches.askAll();
    this.#listener.position(hello.head, this.#continuity.upto);
  }

  #read(frame: FrameDown): void {
    this.#watches.read(frame);
    if (frame.type === 'error' && frame.run_id === undefined) this.#listener.complained(frame.message);
    const reading = this.#continuity.read(frame);
    if (reading.type === 'hole') return this.#mend();
    if (reading.type !== 'none' && reading.type !== 'passed_over') this.#progress_ms = this.#now();
    switch (reading.type) {
      case 'snapshot':
        this.#listener.snapshot(reading.state);
        break;
      case 'events':
        this.#listener.events(reading.items, this.#live);
        break;
      case 'caught_up':
        this.#live = true;
        this.#holes = 0;
        this.#listener.caughtUp(reading.skipped);
        break;
      case 'part':
      case 'passed_over':
        break;
      case 'none':
        if (frame.type === 'lagged') this.#notWhole();
        if (frame.type === 'ping' && this.#unanswered) {
          this.#holes = Math.max(this.#holes, 1);
          return this.#mend();
        }
        break;
      default:
        reading satisfies never;
    }
    this.#listener.position(frame.type === 'ping' ? frame.head : null, this.#continuity.upto);
  }

  #notWhole(): void {
    this.#live = false;
    this.#listener.catchingUp();
  }

  /** A link that loses twice is not believed; if the next one does too, the position is not either: it begins with a snapshot. */
  #mend(): void {
    this.#notWhole();
    this.#holes++;
    if (this.#holes === 1) {
      this.#progress_ms = this.#now();
      this.#socket?.send(this.#continuity.resume(true));
      return;
    }
    if (this.#holes > 2) this.#continuity = new Continuity();
    this.#socket?.replaceInTurn();
  }

  /** The server speaks, but not of what was asked. */
  get #unanswered(): boolean {
    return this.#greeted && !this.#live && this.#now() - this.#progress_ms > ANSWER_WITHIN_MS;
  }

  /** The first frame after `resume` closes one round trip. */
  #measure(): void {
    if (this.#asked_ms === null) return;
    this.clock.roundTrip(this.#now() - this.#asked_ms);
    this.#asked_ms = null;
  }
}
