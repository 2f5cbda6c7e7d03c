import type { LogChange } from './open_logs.ts';

/** What the gateway does with a viewer, whichever way it speaks. */
export interface Session {
  /** A message of the client; null when it was binary. */
  receive(text: string | null): void;
  /** The client has answered a ping of the WebSocket itself. */
  heard(): void;
  /** A ping is due. */
  tick(): void;
  logChanged(change: LogChange): void;
  /** The socket is gone. Idempotent. */
  end(): void;
}
