/**
 * The one WebSocket of a page: text in, typed frames out. It keeps a link alive by throwing links away: an instance of reconnecting-websocket is
 * never revived, because one that was closed while it connected stays stuck for ever; it is dropped and a new one is built. Silence, the
 * return of the network and the page being shown again replace it. What a frame means is not known here, except that a ping is answered in
 * the handler it arrives in: a timer would answer late in a hidden tab, and the server would take the page for dead.
 */
import ReconnectingWebSocket from 'reconnecting-websocket';
import { decodeFrameDown, encodeFrame } from '../shared/protocol/codec.ts';
import { SUBPROTOCOL, type FrameDown, type FrameUp } from '../shared/protocol/frames.ts';
import {
  CONNECT_TIMEOUT_MS,
  FRESH_MS,
  MIN_UPTIME_MS,
  REPLACE_PACE_MS,
  SILENT_MS,
  closeMeaning,
  retryDelay,
  retryDelays,
  type RetryDelays,
} from './link_timing.ts';

export interface LinkListener {
  opened(): void;
  frame(frame: FrameDown): void;
  /** The link is down; the next try is at this wall-clock ms. */
  waiting(next_try_ms: number): void;
  /** A link is being built; its first try is on the way. */
  connecting(): void;
  /** The server said not to come back. Nothing more happens. */
  stopped(reason: string, code: number): void;
  /** A frame could not be read: going on would show a state with a hole in it. Nothing more happens. */
  defect(error: unknown): void;
}

/** What is used of an instance. */
export type Link = Pick<ReconnectingWebSocket, 'onopen' | 'onclose' | 'onmessage' | 'close' | 'send' | 'readyState' | 'retryCount'>;
export type LinkMaker = (url: string, delays: RetryDelays) => Link;

const WATCH_INTERVAL_MS = 1_000;
const OPEN = 1;

export const makeLink: LinkMaker = (url, delays) =>
  // A string and not a provider: a provider that rejects leaves the instance stuck for ever.
  new ReconnectingWebSocket(url, SUBPROTOCOL, {
    minReconnectionDelay: delays.min_ms,
    maxReconnectionDelay: delays.max_ms,
    reconnectionDelayGrowFactor: delays.grow,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    minUptime: MIN_UPTIME_MS,
    // Queued sends would leave before `resume`.
    maxEnqueuedMessages: 0,
  });

export class LiveSocket {
  readonly #url: string;
  readonly #listener: LinkListener;
  readonly #make: LinkMaker;
  #link: Link | null = null;
  #heard_ms = 0;
  #replaced_ms = 0;
  #later: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setInterval> | undefined;

  /** @param url `ws:` or `wss:`, absolute. */
  constructor(url: string, listener: LinkListener, make: LinkMaker = makeLink) {
    this.#url = url;
    this.#listener = listener;
    this.#make = make;
  }

  start(): void {
    if (this.#watch !== undefined) return;
    this.#watch = setInterval(() => this.#watchSilence(), WATCH_INTERVAL_MS);
    this.#build();
  }

  /** @returns whether there was an open link to send on. Nothing is ever queued. */
  send(frame: FrameUp): boolean {
    if (this.#link?.readyState !== OPEN) return false;
    this.#link.send(encodeFrame(frame));
    return true;
  }

  /** Drops the link and builds a new one at once. */
  replace(): void {
    if (this.#watch === undefined) return;
    this.#drop();
    this.#build();
  }

  /** The same for a cause that a new link may meet again: not more often than once per `REPLACE_PACE_MS`. */
  replacePaced(): void {
    if (this.#watch === undefined) return;
    this.#drop();
    const wait = Math.max(0, this.#replaced_ms + REPLACE_PACE_MS - Date.now());
    if (wait === 0) this.#build();
    else {
      this.#later = setTimeout(() => this.#build(), wait);
      this.#listener.waiting(Date.now() + wait);
    }
  }

  /** The page is looked at again: a link that was quiet for longer than a ping may be dead without knowing it. */
  refresh(): void {
    if (this.#link?.readyState === OPEN && Date.now() - this.#heard_ms <= FRESH_MS) return;
    this.replace();
  }

  /** Idempotent. */
  stop(): void {
    clearInterval(this.#watch);
    this.#watch = undefined;
    this.#drop();
  }

  #build(): void {
    const delays = retryDelays(Math.random);
    const link = this.#make(this.#url, delays);
    this.#link = link;
    this.#replaced_ms = this.#heard_ms = Date.now();
    link.onopen = () => {
      this.#heard_ms = Date.now();
      this.#listener.opened();
    };
    link.onmessage = (event) => this.#receive(event.data);
    // The library has planned its next try before it tells of the close: `retryCount` is that of the try to come.
    link.onclose = (event) => this.#closed(event.code, event.reason, retryDelay(delays, link.retryCount));
    this.#listener.connecting();
  }

  #receive(data: unknown): void {
    this.#heard_ms = Date.now();
    let frame: FrameDown;
    try {
      frame = decodeFrameDown(String(data));
    } catch (error) {
      this.stop();
      this.#listener.defect(error);
      return;
    }
    if (frame.type === 'ping') this.send({ type: 'pong' });
    this.#listener.frame(frame);
  }

  #closed(code: number, reason: string, delay_ms: number): void {
    const meaning = closeMeaning(code, reason);
    if (meaning.then === 'come_back') {
      this.#listener.waiting(Date.now() + delay_ms);
      return;
    }
    this.stop();
    this.#listener.stopped(meaning.reason, meaning.code);
  }

  #drop(): void {
    clearTimeout(this.#later);
    const old = this.#link;
    this.#link = null;
    if (old === null) return;
    old.onopen = old.onclose = old.onmessage = null;
    old.close();
  }

  #watchSilence(): void {
    if (this.#link?.readyState === OPEN && Date.now() - this.#heard_ms > SILENT_MS) this.replace();
  }
}
