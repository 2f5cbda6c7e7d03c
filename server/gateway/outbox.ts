/**
 * What waits to leave for one viewer. A socket buffers without bound, so whoever has something to send asks for room first, and is woken when
 * the buffer has been emptied. With nothing waiting there is always room, or a frame above the bound could never leave.
 */
import type { Counters } from './counters.ts';
import type { SocketPort } from './socket_port.ts';

export class Outbox {
  readonly #socket: SocketPort;
  readonly #counters: Counters;
  readonly #wantRoom = new Set<() => void>();
  #armed = false;
  #closed = false;

  constructor(socket: SocketPort, counters: Counters) {
    this.#socket = socket;
    this.#counters = counters;
  }

  /** The two tell a stalled reader: something waits, and `at` stays the same. */
  get progress(): { at: number; waiting: boolean } {
    return { at: this.#socket.progress, waiting: this.#socket.bufferedAmount > 0 };
  }

  hasRoom(bytes: number, limit: number): boolean {
    const waiting = this.#socket.bufferedAmount;
    return waiting === 0 || waiting + bytes < limit;
  }

  /** Resolves when there is room, or when the outbox is closed. */
  async room(bytes: number, limit: number): Promise<void> {
    while (!this.#closed && !this.hasRoom(bytes, limit)) {
      await new Promise<void>((resolve) => {
        this.#wantRoom.add(resolve);
        this.#arm();
      });
    }
  }

  /** Writes if there is room. @param frames whole frames. @returns whether it did; true when closed. */
  offer(frames: Buffer, limit: number): boolean {
    if (!this.hasRoom(frames.length, limit)) return false;
    this.write(frames);
    return true;
  }

  /** Writes, room or not. @param frames whole frames. */
  write(frames: Buffer): void {
    if (this.#closed) return;
    this.#counters.frames_sent++;
    this.#counters.bytes_sent += frames.length;
    this.#socket.write(frames);
  }

  /** Lets everybody go who waits. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#release();
  }

  #arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    this.#socket.onceWritten(() => {
      this.#armed = false;
      this.#release();
    });
  }

  #release(): void {
    const all = [...this.#wantRoom];
    this.#wantRoom.clear();
    for (const resolve of all) resolve();
  }
}
