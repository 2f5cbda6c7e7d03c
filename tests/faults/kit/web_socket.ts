/**
 * The client's half of the WebSocket protocol over a bare TCP socket, so that a test can do what no library lets it: stop reading, read one
 * byte, leave in the middle of a frame. No extensions, no fragments towards the server; a fragment from the server is an error.
 */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

export const OPCODE = { text: 1, close: 8, ping: 9, pong: 10 } as const;
const HEAD_END = '\r\n\r\n';
const EMPTY = Buffer.alloc(0);

/** Cuts what a server sends into frames, whatever way the network has cut it. */
export class FrameReader {
  #pieces: Buffer[] = [];
  #bytes = 0;
  #need = 2;

  /** @param onFrame gets a view of `data` where it can: copy what is kept. */
  push(data: Buffer, onFrame: (opcode: number, payload: Buffer) => void): void {
    this.#pieces.push(data);
    this.#bytes += data.length;
    if (this.#bytes < this.#need) return;
    const all = this.#pieces.length === 1 ? data : Buffer.concat(this.#pieces);
    let at = 0;
    for (;;) {
      const size = frameSize(all, at);
      if (size === null || at + size.head + size.payload > all.length) {
        this.#need = size === null ? all.length - at + 1 : size.head + size.payload;
        break;
      }
      const begin = at + size.head;
      at = begin + size.payload;
      onFrame(all.readUInt8(begin - size.head) & 0x0f, all.subarray(begin, at));
    }
    const rest = at === 0 ? all : all.subarray(at);
    this.#pieces = rest.length === 0 ? [] : [rest];
    this.#bytes = rest.length;
  }
}

/** Null when the head is not complete. */
function frameSize(data: Buffer, at: number): { head: number; payload: number } | null {
  if (data.length - at < 2) return null;
  const second = data.readUInt8(at + 1);
  if ((second & 0x80) !== 0) throw new Error('a server does not mask');
  if ((data.readUInt8(at) & 0xf0) !== 0x80) throw new Error('a fragment, or an extension nobody asked for');
  if (second < 126) return { head: 2, payload: second };
  if (second === 126) return data.length - at < 4 ? null : { head: 4, payload: data.readUInt16BE(at + 2) };
  return data.length - at < 10 ? null : { head: 10, payload: Number(data.readBigUInt64BE(at + 2)) };
}

/** One masked frame of a client. The mask is zero: it is there for proxies, not for tests. */
export function clientFrame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const head = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.alloc(head + 4 + length);
  frame.writeUInt8(0x80 | opcode, 0);
  frame.writeUInt8(0x80 | (head === 2 ? length : head === 4 ? 126 : 127), 1);
  if (head === 4) frame.writeUInt16BE(length, 2);
  if (head === 10) frame.writeBigUInt64BE(BigInt(length), 2);
  payload.copy(frame, head + 4);
  return frame;
}

export interface Closed {
  /** Of the close frame; 1006 when the link ended without one. */
  code: number;
  reason: string;
}

export interface SocketListener {
  /** @param payload is only good during the call. */
  text(payload: Buffer): void;
}

/** A server that refused the upgrade. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;
  constructor(status: number, answer: string) {
    super(`the upgrade was refused with ${status}: ${answer}`);
    this.status = status;
  }
}

export class RawWebSocket {
  readonly tcp: Socket;
  readonly closed: Promise<Closed>;
  /** Bytes read so far, heads included. */
  bytes = 0;
  /** Whether pings of the WebSocket itself are answered. */
  answersPings = true;
  readonly #reader = new FrameReader();
  readonly #listener: SocketListener;
  #farewell: Closed = { code: 1006, reason: '' };

  /** @param path of the server, with its query. @param protocol null for none. @throws Refused */
  static open(port: number, path: string, protocol: string | null, listener: SocketListener): Promise<RawWebSocket> {
    const tcp = connect(port, '127.0.0.1');
    tcp.setNoDelay(true);
    const asked = [
      `GET ${path} HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
      ...(protocol === null ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
    ];
    tcp.write(asked.join('\r\n') + HEAD_END);
    return new Promise((resolve, reject) => {
      let answer = EMPTY;
      const onData = (data: Buffer): void => {
        answer = Buffer.concat([answer, data]);
        const end = answer.indexOf(HEAD_END);
        if (end < 0) return;
        const status = Number(answer.toString('latin1', 9, 12));
        // A refusal may have a body still to come; its status is enough.
        if (status !== 101) return void tcp.destroy(new Refused(status, answer.toString()));
        tcp.off('data', onData).off('error', reject).off('close', gone);
        const socket = new RawWebSocket(tcp, listener);
        resolve(socket);
        socket.#take(answer.subarray(end + HEAD_END.length));
      };
      const gone = (): void => reject(new Error('the server hung up during the handshake'));
      tcp.on('data', onData).once('error', reject).once('close', gone);
    });
  }

  private constructor(tcp: Socket, listener: SocketListener) {
    this.tcp = tcp;
    this.#listener = listener;
    this.closed = new Promise((resolve) => tcp.once('close', () => resolve(this.#farewell)));
    tcp.on('data', (data: Buffer) => this.#take(data));
    // A reset is a close without a close frame.
    tcp.on('error', () => tcp.destroy());
  }

  say(text: string): void {
    this.tcp.write(clientFrame(OPCODE.text, Buffer.from(text)));
  }

  /** Reads no more; the kernel's buffers fill, then the server's. */
  stopReading(): void {
    this.tcp.pause();
  }

  read(): void {
    this.tcp.resume();
  }

  /** As a laptop that is shut: no goodbye. Idempotent. */
  drop(): void {
    this.tcp.destroy();
  }

  /** Says goodbye and waits for the answer. */
  close(code = 1000): Promise<Closed> {
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(code);
    this.tcp.end(clientFrame(OPCODE.close, payload));
    return this.closed;
  }

  #take(data: Buffer): void {
    this.bytes += data.length;
    this.#reader.push(data, (opcode, payload) => this.#onFrame(opcode, payload));
  }

  #onFrame(opcode: number, payload: Buffer): void {
    if (opcode === OPCODE.text) return this.#listener.text(payload);
    if (opcode === OPCODE.ping && this.answersPings) this.tcp.write(clientFrame(OPCODE.pong, payload));
    if (opcode !== OPCODE.close) return;
    this.#farewell = { code: payload.length < 2 ? 1005 : payload.readUInt16BE(0), reason: payload.toString('utf8', 2) };
    if (this.tcp.writable) this.tcp.end(clientFrame(OPCODE.close, payload));
  }
}
