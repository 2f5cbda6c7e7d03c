/** A viewer of the plain stream: one JSON a frame, nothing to say. Checks that events come in order, and that a `lagged` counts exactly what is missing. */
import type { Chunk } from '../../../src/shared/protocol/events/chunk.ts';
import type { Envelope } from '../../../src/shared/protocol/envelope.ts';
import type { PlainLagged, PlainLogGap } from '../../../src/shared/protocol/frames.ts';
import { Facts } from './facts.ts';
import { RawWebSocket, type Closed } from './web_socket.ts';

export type PlainItem = Envelope | Chunk | PlainLagged | PlainLogGap;

export class PlainViewer {
  readonly name: string;
  readonly violations: string[] = [];
  readonly items: PlainItem[] = [];
  readonly lagged: number[] = [];
  /** seq_no of the last event; null before the first, and what was asked for with `after`. */
  upto: number | null = null;
  closed: Closed | null = null;
  socket: RawWebSocket | null = null;
  readonly #facts = new Facts();

  constructor(name = 'a plain viewer') {
    this.name = name;
  }

  /** @param after null for "from now on". @throws Refused */
  async connect(port: number, after: number | null = null): Promise<this> {
    this.upto = after;
    const path = after === null ? '/events' : `/events?after=${after}`;
    this.socket = await RawWebSocket.open(port, path, null, {
      text: (payload) => {
        this.#onItem(JSON.parse(payload.toString()) as PlainItem);
        this.#facts.changed();
      },
    });
    void this.socket.closed.then((closed) => {
      this.closed = closed;
      this.#facts.changed();
    });
    return this;
  }

  stopReading(): void {
    this.socket?.stopReading();
  }

  read(): void {
    this.socket?.read();
  }

  /** Resolves when it has the event `seq_no`. */
  reached(seq_no: number, deadline_ms?: number): Promise<void> {
    return this.until(`${this.name} to reach ${seq_no}`, () => (this.upto ?? 0) >= seq_no, deadline_ms);
  }

  until(what: string, isSo: () => boolean, deadline_ms?: number): Promise<void> {
    return this.#facts.until(what, isSo, deadline_ms);
  }

  #onItem(item: PlainItem): void {
    this.items.push(item);
    if ('skipped' in item && typeof item.skipped === 'number') {
      this.lagged.push(item.skipped);
      if (this.upto !== null) this.upto += item.skipped;
    } else if ('seq_no' in item && typeof item.seq_no === 'number') {
      if (this.upto !== null && item.seq_no !== this.upto + 1)
        this.violations.push(`${this.name}: event ${item.seq_no}, but it has all up to ${this.upto}`);
      this.upto = item.seq_no;
    }
  }
}
