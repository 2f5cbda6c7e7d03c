/**
 * The one WebSocket of a page: text in, typed frames out. It keeps a link alive by throwing links away: an instance of reconnecting-websocket is
 * never revived, because one that was closed while it connected stays stuck for ever; it is dropped and a new one is built. Nor does an
 * instance try twice: its waits are fixed when it is built, before this page knows how many others would come back with it. So every link that
 * is lost, by a close or by silence, is followed in turn (`Turns`), and at once only when somebody looks or the network is another one.
 * What a frame means is not known here, except that a ping is answered in the handler it arrives in: a timer would answer late in a hidden tab,
 * and the server would take the page for dead.
 */
import { decodeFrameDown, encodeFrame } from '../shared/protocol/codec.ts';
import type { FrameDown, FrameUp } from '../shared/protocol/frames.ts';
import { FRESH_MS, MIN_UPTIME_MS, SILENT_MS, VIEWERS_ASSUMED, closeMeaning, viewersNow } from './link_timing.ts';
import { Turns } from './turns.ts';

export interface LinkListener {
  opened(): void;
  frame(frame: FrameDown): void;
  /** The link is down; the next try is at this ms of the socket's clock. */
  waiting(next_try_ms: number): void;
  /** A link is being built; its only try is on the way. */
  connecting(): void;
  /** The server said not to come back. Nothing more happens. */
  stopped(reason: string, code: number): void;
  /** A frame could not be read: going on would show a state with a hole in it. Nothing more happens. */
  defect(error: unknown): void;
}

/** A method, because the events of the library say more than is used of them. */
type Handler<E> = { on(event: E): void }['on'];

/** What is used of an instance: one try, and then either open or closed. */
export interface Link {
  onopen: Handler<unknown> | null;
  onmessage: Handler<{ readonly data: unknown }> | null;
  onclose: Handler<{ readonly code: number; readonly reason: string }> | null;
  readonly readyState: number;
  send(data: string): void;
  close(): void;
}
export type LinkMaker = (url: string) => Link;

const WATCH_INTERVAL_MS = 1_000;
const [CONNECTING, OPEN] = [0, 1];

interface LiveSocketOptions {
  /** Ms that only grow and count sleep. */
  now: () => number;
  make: LinkMaker;
  /** In [0, 1). */
  random?: () => number;
}

export class LiveSocket {
  readonly #url: string;
  readonly #listener: LinkListener;
  readonly #make: LinkMaker;
  readonly #now: () => number;
  readonly #turns: Turns;
  #viewers = VIEWERS_ASSUMED;
  #link: Link | null = null;
  #built_ms = 0;
  #opened_ms: number | null = null;
  #heard_ms = 0;
  #later: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setInterval> | undefined;

  /** @param url `ws:` or `wss:`, absolute. */
  constructor(url: string, listener: LinkListener, { now, make, random = () => Math.random() }: LiveSocketOptions) {
    this.#url = url;
    this.#listener = listener;
    this.#make = make;
    this.#now = now;
    this.#turns = new Turns(random);
  }

  start(): void {
    if (this.#watch !== undefined) return;
    this.#watch = setInterval(() => {
      if (this.#silent) this.replaceInTurn();
    }, WATCH_INTERVAL_MS);
    this.#build();
  }

  /** @returns whether there was an open link to send on. Nothing is ever queued. */
  send(frame: FrameUp): boolean {
    if (this.#link?.readyState !== OPEN) return false;
    this.#link.send(encodeFrame(frame));
    return true;
  }

  /** Drops the link and builds a new one at once: somebody waits for it. */
  replace(): void {
    if (this.#watch === undefined) return;
    this.#drop();
    this.#build();
  }

  /** The same when it is this page's turn: whatever cost it its link may have cost all the others theirs. */
  replaceInTurn(): void {
    if (this.#watch === undefined) return;
    this.#drop();
    const now = this.#now();
    const wait = this.#turns.next(now, this.#viewers);
    this.#later = setTimeout(() => {
      this.#turns.taken();
      this.#build();
    }, wait);
    this.#listener.waiting(now + wait);
  }

  /** The page is looked at again: a link that was quiet for longer than a ping may be dead without knowing it. */
  refresh(): void {
    const state = this.#link?.readyState;
    const since = state === OPEN ? this.#heard_ms : state === CONNECTING ? this.#built_ms : -Infinity;
    if (this.#now() - since > FRESH_MS) this.replace();
  }

  /** Idempotent. */
  stop(): void {
    clearInterval(this.#watch);
    this.#watch = undefined;
    this.#drop();
  }

  get #silent(): boolean {
    return this.#link?.readyState === OPEN && this.#now() - this.#heard_ms > SILENT_MS;
  }

  #build(): void {
    const link = this.#make(this.#url);
    this.#link = link;
    this.#built_ms = this.#heard_ms = this.#now();
    link.onopen = () => {
      this.#opened_ms = this.#heard_ms = this.#now();
      this.#listener.opened();
    };
    link.onmessage = (event) => this.#receive(event.data);
    link.onclose = (event) => this.#closed(event.code, event.reason);
    this.#listener.connecting();
  }

  #receive(data: unknown): void {
    // After a sleep the first frames may be from before it, on a link that is dead: they prove nothing.
    if (this.#silent) return this.replaceInTurn();
    this.#heard_ms = this.#now();
    let frame: FrameDown;
    try {
      frame = decodeFrameDown(String(data));
    } catch (error) {
      this.stop();
      this.#listener.defect(error);
      return;
    }
    if (frame.type === 'ping') {
      this.send({ type: 'pong' });
      this.#viewers = viewersNow(this.#viewers, frame.viewers ?? 0);
    }
    this.#listener.frame(frame);
  }

  #closed(code: number, reason: string): void {
    const meaning = closeMeaning(code, reason);
    if (meaning.then === 'come_back') return this.replaceInTurn();
    this.stop();
    this.#listener.stopped(meaning.reason, meaning.code);
  }

  #drop(): void {
    clearTimeout(this.#later);
    if (this.#opened_ms !== null && this.#now() - this.#opened_ms >= MIN_UPTIME_MS) this.#turns.begin();
    this.#opened_ms = null;
    const old = this.#link;
    this.#link = null;
    if (old === null) return;
    old.onopen = old.onclose = old.onmessage = null;
    old.close();
  }
}

/** Where the server of the page has its live events. */
export function socketUrl({ protocol, host }: Location): string {
  return `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/events`;
}
