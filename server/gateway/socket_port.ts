/** What a session knows of its socket: few members, so that sessions are tested without sockets. */
import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';

export interface SocketPort {
  /** Writes whole frames as `textFrame` makes them; dropped when the socket is closing. The buffer is shared between sessions, so nobody may change it. */
  write(frames: Buffer): void;
  /** Calls once when the system has taken all that was written so far, or it was dropped with the socket. */
  onceWritten(then: () => void): void;
  /** Bytes that wait in this process. */
  readonly bufferedAmount: number;
  /** Any number; another one when bytes have left this process since, be it half a frame. */
  readonly progress: number;
  /** Idempotent. */
  close(code: number, reason: string): void;
}

const NOTHING = Buffer.alloc(0);

/** A TCP socket, which has both, or a stream that stands for one. */
type Wire = Duplex & { readonly bytesWritten?: number; readonly _handle?: { readonly writeQueueSize?: number } | null };

/**
 * Beside `ws`, on the TCP socket itself: `ws` would build the head of a frame anew for each viewer and keep a callback for each. It writes its
 * own frames (pings, pongs, close) whole and at once while deflate is off, so the two never mix; a test holds that.
 */
export class WireSocket implements SocketPort {
  readonly #ws: WebSocket;
  readonly #tcp: Wire;

  constructor(ws: WebSocket, tcp: Wire) {
    this.#ws = ws;
    this.#tcp = tcp;
  }

  write(frames: Buffer): void {
    // After a close frame nothing may follow.
    if (this.#ws.readyState === WebSocket.OPEN) this.#tcp.write(frames);
  }

  onceWritten(then: () => void): void {
    // `drain` comes only above a mark that is none of ours; the callback of a write comes always.
    if (this.#tcp.writable) this.#tcp.write(NOTHING, () => then());
    else if (this.#tcp.closed) setImmediate(then);
    else this.#tcp.once('close', () => then());
  }

  get bufferedAmount(): number {
    return this.#tcp.writableLength;
  }

  get progress(): number {
    // Node tells when a write is done, which may be a mebibyte; the handle knows what is left of it. Without that a slow reader looks like none.
    return (this.#tcp.bytesWritten ?? 0) - this.#tcp.writableLength - (this.#tcp._handle?.writeQueueSize ?? 0);
  }

  close(code: number, reason: string): void {
    this.#ws.close(code, reason);
  }
}
