/** The load generator: a process of its own that holds the viewers of all sides, counts what they get and notes when. Started by bench/fanout.ts. */
import { connect, type Socket } from 'node:net';
import { clientFrame, OPCODE } from '../../tests/faults/kit/web_socket.ts';
import { CountingReader, type Telling } from './counting_reader.ts';
import type { Asked, Told } from './conversation.ts';

const READ_BYTES = 256 * 1024;
/** All sockets read into one buffer: what is read is used up at once. */
const buffer = Buffer.alloc(READ_BYTES);
const HEAD_END = '\r\n\r\n';
const PATH: Readonly<Record<Telling, string>> = { bare: '/', 'socket.io': '/socket.io/?EIO=4&transport=websocket', signalbox: '/events' };

/** Milliseconds of a clock that all processes of a machine share. */
function now(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1e6;
}

const tell = (told: Told): void => void process.send?.(told);

class Side {
  readonly telling: Telling;
  readonly sockets: Socket[] = [];
  /** Events received by each viewer since `arm`. */
  #counts = new Uint32Array(0);
  /** For each frame: its viewer's count before and after it, and when. */
  #notes: number[] = [];
  #total = 0;
  #step = 0;
  #next = Infinity;

  constructor(telling: Telling) {
    this.telling = telling;
  }

  async connect(port: number, viewers: number): Promise<void> {
    while (this.sockets.length < viewers) {
      const lot = Math.min(50, viewers - this.sockets.length);
      await Promise.all(Array.from({ length: lot }, () => this.#connectOne(port)));
    }
    this.#counts = new Uint32Array(viewers);
  }

  /** @param events each viewer gets before it tells that they were delivered, again and again. */
  arm(events: number): void {
    this.#counts.fill(0);
    this.#notes = [];
    this.#total = 0;
    this.#step = events * this.sockets.length;
    this.#next = this.#step;
  }

  /** @param published_ms when the n-th event was published. @returns sorted times from published to received, ms. */
  latencies(published_ms: readonly number[]): Float64Array {
    const all: number[] = [];
    for (let i = 0; i < this.#notes.length; i += 3) {
      const [from = 0, to = 0, at = 0] = this.#notes.slice(i, i + 3);
      for (let k = from; k < to; k++) all.push(at - (published_ms[k] ?? Number.NaN));
    }
    return Float64Array.from(all).sort();
  }

  #connectOne(port: number): Promise<void> {
    const index = this.sockets.length;
    return new Promise((resolve, reject) => {
      let head: string | null = '';
      let ready = false;
      const done = (): void => {
        ready = true;
        resolve();
      };
      const reader = new CountingReader(this.telling, {
        events: (count) => {
          if (ready) this.#received(index, count);
        },
        other: (text) => this.#answer(socket, text, done),
      });
      const onread = {
        buffer,
        callback: (bytes: number, into: Uint8Array): boolean => {
          const data = Buffer.from(into.buffer, into.byteOffset, bytes);
          if (head === null) reader.read(data);
          else {
            head += data.toString('latin1');
            const end = head.indexOf(HEAD_END);
            if (end < 0) return true;
            if (!head.startsWith('HTTP/1.1 101')) socket.destroy(new Error(head));
            const rest = Buffer.from(head.slice(end + HEAD_END.length), 'latin1');
            head = null;
            if (rest.length > 0) reader.read(rest);
            if (this.telling === 'bare') done();
          }
          return true;
        },
      };
      const socket = connect({ host: '127.0.0.1', port, noDelay: true, onread });
      this.sockets.push(socket);
      socket.once('error', reject);
      const protocol = this.telling === 'signalbox' ? 'Sec-WebSocket-Protocol: signalbox.v1\r\n' : '';
      socket.write(
        `GET ${PATH[this.telling]} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
          `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n${protocol}\r\n`,
      );
    });
  }

  /** What each protocol asks of a client before it sends events, and to stay. */
  #answer(socket: Socket, text: Buffer, ready: () => void): void {
    const say = (answer: string): void => void socket.write(clientFrame(OPCODE.text, Buffer.from(answer)));
    const head = text.toString('latin1', 0, 24);
    if (this.telling === 'socket.io') {
      if (head.startsWith('0')) say('40');
      else if (head.startsWith('40')) ready();
      else if (head === '2') say('3');
      return;
    }
    if (head.startsWith('{"type":"hello"')) {
      say('{"type":"resume","epoch":null,"after":null,"id":null}');
      // A lane, as a page that shows a log has one.
      say('{"type":"watch","run_id":1,"offset":0}');
    } else if (head.startsWith('{"type":"replayed"')) ready();
    else if (head.startsWith('{"type":"ping"')) say('{"type":"pong"}');
  }

  #received(index: number, count: number): void {
    const before = this.#counts[index] ?? 0;
    this.#counts[index] = before + count;
    this.#notes.push(before, before + count, now());
    this.#total += count;
    while (this.#total >= this.#next) {
      this.#next += this.#step;
      tell({ told: 'delivered' });
    }
  }
}

const sides = new Map<string, Side>();

process.on('message', (asked: Asked) => {
  if (asked.ask === 'connect' && !sides.has(asked.side)) sides.set(asked.side, new Side(asked.telling));
  const side = sides.get(asked.side);
  if (side === undefined) return tell({ told: 'failed', why: `${asked.side} is not connected` });
  switch (asked.ask) {
    case 'connect':
      side.connect(asked.port, asked.viewers).then(
        () => tell({ told: 'connected' }),
        (error: unknown) => tell({ told: 'failed', why: String(error) }),
      );
      return;
    case 'arm':
      side.arm(asked.events);
      return tell({ told: 'armed' });
    case 'latencies': {
      const sorted = side.latencies(asked.published_ms);
      const at = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
      return tell({ told: 'latencies', events: sorted.length, p50_ms: at(0.5), p99_ms: at(0.99) });
    }
    default:
      asked satisfies never;
  }
});
process.on('disconnect', () => process.exit(0));
