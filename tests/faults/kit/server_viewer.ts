/** Viewers that stay: they come back as soon as the server does, resume where they were, and tell the history all they were shown. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Envelope } from '../../../src/shared/protocol/envelope.ts';
import type { History } from './history.ts';
import { PlainViewer } from './plain_viewer.ts';
import { Viewer } from './viewer.ts';
import type { Closed } from './web_socket.ts';

const COME_BACK_MS = 25;

export interface StayingViewer {
  readonly name: string;
  /** Close code of the last link that the server ended; null before. */
  readonly lastClosed: Closed | null;
  /** Hands on what it was shown since the last time. @returns what was wrong with it, once. */
  collect(): string[];
  /** Goes, and does not come back. */
  leave(): Promise<void>;
}

/** Connects again and again until it leaves. */
class Stay {
  lastClosed: Closed | null = null;
  readonly #leaving = new AbortController();
  readonly #done: Promise<void>;

  /** @param connect resolves with how the link ended. */
  constructor(connect: (signal: AbortSignal) => Promise<Closed | null>) {
    this.#done = this.#run(connect);
  }

  async leave(drop: () => void): Promise<void> {
    this.#leaving.abort();
    drop();
    await this.#done;
  }

  async #run(connect: (signal: AbortSignal) => Promise<Closed | null>): Promise<void> {
    for (;;) {
      try {
        this.lastClosed = (await connect(this.#leaving.signal)) ?? this.lastClosed;
      } catch {
        // The server is not there, or died in the handshake: that is what it comes back for.
      }
      if (this.#leaving.signal.aborted) return;
      await pause(COME_BACK_MS);
    }
  }
}

/** Speaks `signalbox.v1` and folds. */
export class LivePanel implements StayingViewer {
  readonly viewer: Viewer;
  readonly #history: History;
  readonly #stay: Stay;
  #told = 0;

  constructor(name: string, port: number, history: History) {
    this.viewer = new Viewer(name, { keeps: true });
    this.#history = history;
    this.#stay = new Stay(async (signal) => {
      await this.viewer.connect(port);
      if (signal.aborted) this.viewer.drop();
      return (await this.viewer.socket?.closed) ?? null;
    });
  }

  get name(): string {
    return this.viewer.name;
  }
  get lastClosed(): Closed | null {
    return this.#stay.lastClosed;
  }

  collect(): string[] {
    for (const frame of this.viewer.frames.splice(0)) {
      if (frame.type === 'events') for (const item of frame.items) this.#history.shown(this.name, item);
    }
    const fresh = this.viewer.violations.slice(this.#told);
    this.#told = this.viewer.violations.length;
    return fresh;
  }

  leave(): Promise<void> {
    return this.#stay.leave(() => this.viewer.drop());
  }
}

/** Reads the plain stream after the last number it has. */
export class PlainReader implements StayingViewer {
  readonly viewer: PlainViewer;
  readonly #history: History;
  readonly #stay: Stay;
  #told = 0;

  constructor(name: string, port: number, history: History) {
    this.viewer = new PlainViewer(name);
    this.#history = history;
    this.#stay = new Stay(async (signal) => {
      await this.viewer.connect(port, this.viewer.upto ?? 0);
      if (signal.aborted) this.viewer.socket?.drop();
      return (await this.viewer.socket?.closed) ?? null;
    });
  }

  get name(): string {
    return this.viewer.name;
  }
  get lastClosed(): Closed | null {
    return this.#stay.lastClosed;
  }

  collect(): string[] {
    for (const item of this.viewer.items.splice(0)) if (isEnvelope(item)) this.#history.shown(this.name, item);
    const fresh = this.viewer.violations.slice(this.#told);
    this.#told = this.viewer.violations.length;
    return fresh;
  }

  leave(): Promise<void> {
    return this.#stay.leave(() => this.viewer.socket?.drop());
  }
}

function isEnvelope(item: PlainViewer['items'][number]): item is Envelope {
  return 'seq_no' in item && typeof item.seq_no === 'number';
}
