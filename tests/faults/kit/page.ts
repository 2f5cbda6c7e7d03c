/**
 * The page's own transport in this process: real LiveSocket and LiveFeed over real sockets, many of them beside one another. It replaces the
 * global WebSocket by the one of `ws`, which lets a case cut a link without a goodbye; it folds nothing.
 */
import { WebSocket } from 'ws';
import { LiveFeed, type FeedListener } from '../../../src/transport/live_feed.ts';
import { LiveSocket } from '../../../src/transport/live_socket.ts';
import { makeLink } from '../../../src/transport/reconnecting_link.ts';

/** The sockets of all pages of this process: where they lead, and what came of them. */
export class PageSockets {
  port = 0;
  /** When each handshake ended, ms of `performance.now()`. */
  readonly handshakes: number[] = [];
  readonly #open = new Set<WebSocket>();

  /** From now on a `new WebSocket` of this process leads to `port`, whichever address it names. */
  install(): void {
    const open = this.#open;
    const { handshakes } = this;
    const port = (): number => this.port;
    globalThis.WebSocket = class extends WebSocket {
      constructor(_url: string, protocols: string) {
        super(`ws://127.0.0.1:${port()}/events`, protocols);
        // An instance that was given up still tells of its end.
        this.on('error', () => undefined);
        this.once('open', () => {
          handshakes.push(performance.now());
          open.add(this);
        });
        this.once('close', () => open.delete(this));
      }
    } as unknown as typeof globalThis.WebSocket;
  }

  /** As a server that was killed: every link ends without a goodbye. */
  cut(): void {
    for (const socket of this.#open) socket.terminate();
  }
}

export class Page {
  live = false;
  /** Of the present link. */
  pings = 0;
  readonly #socket: LiveSocket;

  constructor() {
    const off = (): void => {
      this.live = false;
      this.pings = 0;
    };
    const nothing = (): void => undefined;
    const listener: FeedListener = {
      snapshot: nothing,
      events: nothing,
      caughtUp: () => void (this.live = true),
      catchingUp: off,
      hello: nothing,
      anotherHistory: nothing,
      heard: nothing,
      position: (head) => void (this.pings += head === null ? 0 : 1),
      newVersion: nothing,
      connecting: off,
      opened: nothing,
      waiting: off,
      stopped: off,
      defect: off,
      complained: nothing,
    };
    const now = (): number => performance.now();
    const feed = new LiveFeed(listener, now);
    this.#socket = new LiveSocket('ws://page/events', feed, { now, make: makeLink });
    feed.attach(this.#socket);
  }

  start(): void {
    this.#socket.start();
  }

  stop(): void {
    this.#socket.stop();
  }
}
