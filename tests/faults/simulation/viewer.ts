/**
 * A page of the live panel without a browser: the real feed over a simulated link, folding what it is given. It stalls, loses its link, sleeps
 * and comes back; what it shows must at every moment be a state the log has had, and in the end the server's.
 */
import { fold } from '../../../src/shared/fold/fold.ts';
import { EMPTY_STATE, type State } from '../../../src/shared/fold/state.ts';
import { decodeFrameDown, encodeFrame } from '../../../src/shared/protocol/codec.ts';
import type { Envelope } from '../../../src/shared/protocol/envelope.ts';
import { SUBPROTOCOL, type FrameDown } from '../../../src/shared/protocol/frames.ts';
import { LiveFeed, type FeedListener, type LogWatcher } from '../../../src/transport/live_feed.ts';
import type { Schedule } from './schedule.ts';
import type { Door, ViewerChecks } from './ports.ts';
import { Wire } from './wire.ts';

const COME_BACK_MOST_MS = 3_000;
const SILENT_MS = 12_000;

/** One run's log as this page shows it. */
export interface Shown {
  text: string;
  offset: number;
  /** The server said that nothing more comes. */
  ended: boolean;
}

export class Viewer {
  readonly name: string;
  state: State = EMPTY_STATE;
  epoch: string | null = null;
  live = false;
  readonly shown = new Map<number, Shown>();
  readonly #schedule: Schedule;
  readonly #door: Door;
  readonly #checks: ViewerChecks;
  readonly #feed: LiveFeed;
  /** Head of the log when the server heard that this link watches the run. */
  readonly #watched = new Map<number, number>();
  #wire: Wire | null = null;
  /** The feed has said `resume` on this link. */
  #resumed = false;
  #last: FrameDown['type'] = 'hello';
  #silence = (): void => undefined;
  #coming = (): void => undefined;

  constructor(name: string, schedule: Schedule, door: Door, checks: ViewerChecks) {
    this.name = name;
    this.#schedule = schedule;
    this.#door = door;
    this.#checks = checks;
    this.#feed = new LiveFeed(this.#listener(), () => schedule.now);
    this.#feed.attach({
      send: (frame) => {
        const wire = this.#wire;
        if (wire === null || wire.over) return false;
        if (frame.type === 'resume' && this.#resumed) this.#mends();
        if (frame.type === 'resume') this.#resumed = true;
        wire.say(encodeFrame(frame), () => {
          // What was said on a link that is gone arrives late, at a session that has ended.
          if (wire !== this.#wire) return;
          if (frame.type === 'watch') this.#watched.set(frame.run_id, door.head());
          if (frame.type === 'unwatch') this.#watched.delete(frame.run_id);
        });
        return true;
      },
      replaceInTurn: () => {
        this.#mends();
        this.#wire?.cut(true);
      },
      stop: () => this.checksFail('the feed stopped'),
    });
    this.#comeBack(0);
  }

  get connected(): boolean {
    return this.#wire !== null;
  }

  checksFail(what: string): void {
    this.#checks.violated(`${this.name}: ${what}`);
  }

  watch(run_id: number): void {
    if (this.shown.has(run_id)) return;
    const shown: Shown = { text: '', offset: 0, ended: false };
    this.shown.set(run_id, shown);
    this.#feed.watch(run_id, this.#watcher(run_id, shown));
  }

  stall(on: boolean): void {
    this.#wire?.stall(on);
    if (!on) this.#hear();
  }

  /** @param known whether the server notices at once. */
  cut(known: boolean): void {
    this.#wire?.cut(known);
  }

  #comeBack(ms: number): void {
    this.#wire = null;
    this.live = this.#resumed = false;
    this.#watched.clear();
    this.#silence();
    this.#coming();
    this.#coming = this.#schedule.after(this, ms, () => this.#connect());
  }

  /** A ping finds that the server has not answered for long, which may be; any other frame finds a hole. */
  #mends(): void {
    if (this.#last !== 'ping') this.checksFail('the feed found a hole');
  }

  #connect(): void {
    const upgrade = this.#door.upgrade();
    if (upgrade === null) return this.#comeBack(1 + this.#schedule.random.below(COME_BACK_MOST_MS));
    this.#feed.connecting();
    const wire: Wire = new Wire(this.#schedule, this.name, {
      opened: () => {
        if (wire === this.#wire) this.#feed.opened();
      },
      text: (text) => {
        if (wire === this.#wire) this.#text(text);
      },
      closed: (code, reason) => {
        if (wire === this.#wire) this.#closed(code, reason);
      },
    });
    this.#wire = wire;
    this.#door.wires.add(wire);
    this.#hear();
    wire.open(upgrade, '/events', SUBPROTOCOL);
  }

  #text(text: string): void {
    this.#hear();
    const frame = decodeFrameDown(text);
    this.#last = frame.type;
    if (frame.type === 'hello') this.epoch = frame.epoch;
    if (frame.type === 'ping') this.#wire?.say(encodeFrame({ type: 'pong' }));
    this.#feed.frame(frame);
  }

  /** A link that says nothing for so long is given up, as the page does. */
  #hear(): void {
    this.#silence();
    this.#silence = this.#schedule.after(this, SILENT_MS, () => {
      const wire = this.#wire;
      if (wire === null || wire.stalled) return;
      wire.cut(true);
    });
  }

  #closed(code: number, reason: string): void {
    if (code >= 4400 && code < 4500) this.checksFail(`told to stop with ${code} ${reason}`);
    this.#feed.waiting(0);
    this.#comeBack(1 + this.#schedule.random.below(COME_BACK_MOST_MS));
  }

  #watcher(run_id: number, shown: Shown): LogWatcher {
    return {
      offset: () => shown.offset,
      chunk: ({ offset, bytes, text }) => {
        if (offset !== shown.offset) this.checksFail(`the log of run ${run_id} goes on at ${offset}, not at ${shown.offset}`);
        shown.text += text;
        shown.offset = (offset ?? 0) + (bytes ?? 0);
      },
      gap: (from, to) => {
        if (from !== shown.offset) this.checksFail(`a gap in the log of run ${run_id} begins at ${from}, not at ${shown.offset}`);
        shown.text += this.#door.log(run_id, from, to);
        shown.offset = to;
      },
      end: (bytes) => {
        if (bytes !== shown.offset) this.checksFail(`the log of run ${run_id} ends at ${bytes}, shown to ${shown.offset}`);
        shown.ended = true;
      },
      failed: (message) => this.checksFail(message),
    };
  }

  #listener(): FeedListener {
    const nothing = (): void => undefined;
    return {
      snapshot: (state) => {
        this.#checks.snapshot(this.name, state);
        this.state = state;
      },
      events: (items, live) => {
        for (const item of items) this.#take(item, live);
      },
      caughtUp: () => void (this.live = true),
      catchingUp: () => void (this.live = false),
      anotherHistory: nothing,
      hello: nothing,
      heard: nothing,
      position: nothing,
      newVersion: nothing,
      connecting: nothing,
      opened: nothing,
      waiting: nothing,
      stopped: nothing,
      defect: (error) => this.checksFail(`could not go on: ${String(error)}`),
      complained: (message) => this.checksFail(`the server complained: ${message}`),
    };
  }

  #take(item: Envelope, live: boolean): void {
    if (item.seq_no !== this.state.seq_no + 1) this.checksFail(`was given event ${item.seq_no} after ${this.state.seq_no}`);
    this.#checks.given(this.name, item);
    this.state = fold(this.state, item);
    const ended = live ? endOf(item) : null;
    if (ended === null) return;
    const since = this.#watched.get(ended.run_id);
    const shown = this.shown.get(ended.run_id);
    if (since === undefined || shown === undefined || item.seq_no <= since) return;
    if (shown.offset < ended.bytes) this.checksFail(`run ${ended.run_id} ended at ${ended.bytes} with its log shown to ${shown.offset}`);
  }
}

/** The run an event settles with its log complete, and how long that log is. */
export function endOf(item: Envelope): { run_id: number; bytes: number } | null {
  const { kind, run_id, bytes, outcome } = item as { kind: string; run_id?: unknown; bytes?: unknown; outcome?: { bytes?: unknown } };
  if (typeof run_id !== 'number') return null;
  const length = kind === 'gate_done' ? outcome?.bytes : bytes;
  return typeof length === 'number' && /^(build|deploy)_(ok|failed)$|^gate_done$/.test(kind) ? { run_id, bytes: length } : null;
}
