/**
 * What waits to leave for one viewer. `ws` buffers without bound and has no drain event, so whoever has something to send asks for room first
 * and is woken by the send callbacks. With nothing in flight there is always room, or a frame above the bound could never leave.
 */
import type { Counters } from './counters.ts';
import type { SocketPort } from './socket_port.ts';

export class Outbox {
  readonly #socket: SocketPort;
  readonly #counters: Counters;
  readonly #wantRoom = new Set<() => void>();
  readonly #leaving = new Set<() => void>();
  readonly #listeners = new Set<() => void>();
  #inFlight = 0;
  #completed = 0;
  #closed = false;

  constructor(socket: SocketPort, counters: Counters) {
    this.#socket = socket;
    this.#counters = counters;
  }

  /** Frames that have left so far, and whether any is on its way: the two tell a stalled reader. */
  get progress(): { completed: number; waiting: boolean } {
    return { completed: this.#completed, waiting: this.#inFlight > 0 };
  }

  hasRoom(bytes: number, limit: number): boolean {
    return this.#inFlight === 0 || this.#socket.bufferedAmount + bytes < limit;
  }

  /** Resolves when there is room, or when the outbox is closed. */
  async room(bytes: number, limit: number): Promise<void> {
    while (!this.#closed && !this.hasRoom(bytes, limit)) await new Promise<void>((resolve) => this.#wantRoom.add(resolve));
  }

  /** Resolves when the frame has left, or when the outbox is closed; never rejects. */
  send(frame: Buffer): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#inFlight++;
    this.#counters.frames_sent++;
    this.#counters.bytes_sent += frame.length;
    return new Promise((resolve) => {
      this.#leaving.add(resolve);
      this.#socket.send(frame, () => {
        this.#leaving.delete(resolve);
        resolve();
        this.#sent();
      });
    });
  }

  /** Calls after each frame that has left. @returns its undo. */
  onSent(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Lets everybody go who waits. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#listeners.clear();
    release(this.#wantRoom);
    release(this.#leaving);
  }

  #sent(): void {
    this.#inFlight--;
    this.#completed++;
    release(this.#wantRoom);
    for (const listener of this.#listeners) listener();
  }
}

function release(waiting: Set<() => void>): void {
  const all = [...waiting];
  waiting.clear();
  for (const resolve of all) resolve();
}
