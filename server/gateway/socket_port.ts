/** What a session knows of its socket. Three members, so that sessions are tested without sockets. */
import type { WebSocket } from 'ws';

export interface SocketPort {
  /** @param frame UTF-8 text; shared between sessions, so nobody may change it. @param sent calls when the system has taken it, or it was dropped with the socket. */
  send(frame: Buffer, sent: () => void): void;
  /** Bytes that wait in this process. */
  readonly bufferedAmount: number;
  /** Idempotent. */
  close(code: number, reason: string): void;
}

export function socketOf(ws: WebSocket): SocketPort {
  return {
    // A failed send is followed by the socket's own close; here it only frees who waits for it.
    send: (frame, sent) => ws.send(frame, { binary: false }, () => sent()),
    get bufferedAmount() {
      return ws.bufferedAmount;
    },
    close: (code, reason) => ws.close(code, reason),
  };
}
