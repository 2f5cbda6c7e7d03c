/** The process of a crowd: holds many viewers in groups, counts what they get and notes when. Bare TCP readers, which parse no JSON. */
import { connect, type Socket } from 'node:net';
import { Facts } from './facts.ts';
import { clientFrame, OPCODE, RawWebSocket } from './web_socket.ts';
import { CountingReader, type Telling } from './counting_reader.ts';
import { sharedNow, type Asked, type Told } from './crowd_talk.ts';

const READ_BYTES = 256 * 1024;
/** All sockets read into one buffer: what is read is used up at once. */
const buffer = Buffer.alloc(READ_BYTES);
const HEAD_END = '\r\n\r\n';
const PATH: Readonly<Record<Telling, string>> = { bare: '/', 'socket.io': '/socket.io/?EIO=4&transport=websocket', signalbox: '/events' };

const tell = (told: Told): void => void process.send?.(told);

/** While set, the event loop turns without sleeping: a server's write then need not wake another core, which in a virtual machine can cost more than the write. */
let awake: NodeJS.Immediate | null = null;

function stayAwake(): void {
  awake = setImmediate(stayAwake);
}

function maySleep(): void {
  if (awake !== null) clearImmediate(awake);
  awake = null;
}

class Group {
  readonly telling: Telling;
  readonly sockets: Socket[] = [];
  /** Events received by each viewer since `arm`. */
  #counts = new Uint32Array(0);
  /** For each frame: its viewer's count before and after it, and when. */
  #notes: number[] = [];
  #total = 0;
  #step = 0;
  #next = Infinity;
  #spent = process.cpuUsage();

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

  /** @param events each viewer gets until it tells that they were delivered, again and again. */
  arm(events: number): void {
    this.#counts.fill(0);
    this.#notes = [];
    this.#total = 0;
    this.#step = events * this.sockets.length;
    this.#next = this.#step;
    this.#spent = process.cpuUsage();
  }

  /** Or stops: the kernel's buffers fill, then the server's. */
  read(reads: boolean): void {
    for (const socket of this.sockets) {
      if (reads) socket.resume();
      else socket.pause();
    }
  }

  /** Processor time since `arm`, microseconds. */
  get cpu_us(): number {
    const { user, system } = process.cpuUsage(this.#spent);
    return user + system;
  }

  /** @param published_ms when the n-th event was published. @returns sorted times from published to received, ms. */
  latencies(published_ms: readonly number[]): Float64Array {
    const all: number[] = [];
    const notes = this.#notes;
    for (let i = 0; i < notes.length; i += 3) {
      const [from, to, at] = [notes[i] ?? 0, notes[i + 1] ?? 0, notes[i + 2] ?? 0];
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
    this.#notes.push(before, before + count, sharedNow());
    this.#total += count;
    while (this.#total >= this.#next) {
      this.#next += this.#step;
      tell({ told: 'delivered' });
    }
  }
}

async function resume({ port, path, protocol, say, last }: Extract<Asked, { ask: 'resume' }>): Promise<Told> {
  const facts = new Facts();
  let done = false;
  const began = performance.now();
  const socket = await RawWebSocket.open(port, path, protocol, {
    text: (payload) => {
      if (!payload.subarray(0, 300).includes(last)) return;
      done = true;
      facts.changed();
    },
  });
  if (say !== null) socket.say(say);
  await facts.until('everything that was missed', () => done);
  const took_ms = performance.now() - began;
  socket.drop();
  return { told: 'resumed', took_ms, received_bytes: socket.bytes };
}

const groups = new Map<string, Group>();

async function answer(asked: Asked): Promise<Told> {
  if (asked.ask === 'resume') return resume(asked);
  if (asked.ask === 'connect') {
    const group = groups.get(asked.group) ?? new Group(asked.telling);
    groups.set(asked.group, group);
    await group.connect(asked.port, asked.viewers);
    return { told: 'connected' };
  }
  const group = groups.get(asked.group);
  if (group === undefined) return { told: 'failed', why: `${asked.group} is not connected` };
  switch (asked.ask) {
    case 'read':
      group.read(asked.reads);
      return { told: 'reading' };
    case 'arm':
      group.arm(asked.events);
      maySleep();
      if (asked.awake) stayAwake();
      return { told: 'armed' };
    case 'latencies': {
      const { cpu_us } = group;
      maySleep();
      const sorted = group.latencies(asked.published_ms);
      const at = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
      return { told: 'latencies', p50_ms: at(0.5), p99_ms: at(0.99), cpu_us };
    }
    default:
      return asked satisfies never;
  }
}

process.on('message', (asked: Asked) => {
  answer(asked).then(tell, (error: unknown) => tell({ told: 'failed', why: String(error) }));
});
process.on('disconnect', () => process.exit(0));
