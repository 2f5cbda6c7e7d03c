/**
 * A WebSocket connection without a network: the server's end is a stream that the real gateway upgrades, the viewer's end speaks just enough
 * of RFC 6455. What was written leaves when the schedule says so, or not while the reader stalls, or never when the link is cut.
 */
import type { IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import type { Owner, Schedule } from './schedule.ts';
import { frameOf, maskedFrame, OPCODE } from './ws_frames.ts';

const NO_CLOSE_FRAME = 1006;
/** RFC 6455 lets the nonce be anything of this length. */
const NONCE = Buffer.alloc(16).toString('base64');
/** Bytes that leave at once and arrive later, as in a kernel's buffer. */
const IN_FLIGHT = 0.2;
const TOGETHER = 0.7;
const KERNEL_GIVES_UP_MS = 60_000;

export interface WireListener {
  opened(): void;
  text(text: string): void;
  /** Once; nothing comes after it. */
  closed(code: number, reason: string): void;
}

type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** The server's end, with what `ws` and the gateway ask of a socket. */
class ServerEnd extends Duplex {
  readonly #wire: Wire;
  constructor(wire: Wire) {
    super();
    this.#wire = wire;
  }
  /** Bytes taken so far and those that wait, as Node counts them. */
  get bytesWritten(): number {
    return this.#wire.taken_bytes + this.writableLength;
  }

  override _read(): void {}
  override _write(data: Buffer | string, _: BufferEncoding, taken: () => void): void {
    this.#wire.written(Buffer.from(data), taken);
  }
  override _writev(chunks: { chunk: Buffer | string }[], taken: () => void): void {
    this.#wire.written(Buffer.concat(chunks.map(({ chunk }) => Buffer.from(chunk))), taken);
  }
  override _final(done: () => void): void {
    this.#wire.written(null, done);
  }
  setTimeout(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
}

export class Wire {
  readonly #schedule: Schedule;
  readonly #owner: Owner = this;
  readonly #name: string;
  readonly #listener: WireListener;
  readonly #end: ServerEnd;
  /** To the viewer; null ends the stream. */
  readonly #down: { data: Buffer | null; taken: (() => void) | null }[] = [];
  readonly #up: { data: Buffer; arrived: () => void }[] = [];
  #stalled = false;
  /** Bytes that have left the server's end. */
  taken_bytes = 0;
  #planned = false;
  #upPlanned = false;
  #received = Buffer.alloc(0);
  #upgraded = false;
  #over = false;

  constructor(schedule: Schedule, name: string, listener: WireListener) {
    this.#schedule = schedule;
    this.#name = name;
    this.#listener = listener;
    this.#end = new ServerEnd(this);
    // A reset is seen by the viewer's end; on the server's it is the gateway's to handle.
    this.#end.on('error', () => undefined);
    this.#end.on('close', () => this.#plan());
  }

  get over(): boolean {
    return this.#over;
  }

  get stalled(): boolean {
    return this.#stalled;
  }

  /** Asks the server for an upgrade. */
  open(upgrade: Upgrade, url: string, subprotocol: string | null): void {
    const headers = {
      host: '127.0.0.1:7766',
      upgrade: 'websocket',
      connection: 'Upgrade',
      'sec-websocket-key': NONCE,
      'sec-websocket-version': '13',
      ...(subprotocol === null ? {} : { 'sec-websocket-protocol': subprotocol }),
    };
    const request = { method: 'GET', url, headers, httpVersion: '1.1', httpVersionMajor: 1, httpVersionMinor: 1, socket: this.#end };
    // All of a request that an upgrade reads; a real one needs a real server.
    upgrade(request as unknown as IncomingMessage, this.#end, Buffer.alloc(0));
  }

  /** @param arrived calls when the server's end has it. */
  say(text: string, arrived: () => void = () => undefined): void {
    this.#send(OPCODE.text, Buffer.from(text), arrived);
  }

  /** The reader stops reading, or goes on. */
  stall(on: boolean): void {
    this.#stalled = on;
    this.#plan();
  }

  /** Nothing more arrives, either way. @param known whether the server notices at once, or when its kernel gives up. */
  cut(known: boolean): void {
    if (this.#over) return;
    if (!known) this.#down.length = 0;
    this.#ended(NO_CLOSE_FRAME, 'the link was cut');
    if (known) this.#end.destroy();
    else this.#schedule.after(this.#owner, KERNEL_GIVES_UP_MS, () => this.#end.destroy());
  }

  /** The server's end is gone with all it had not sent. */
  serverGone(): void {
    this.#end.destroy();
    if (this.#over) return;
    const sent = this.#down.filter(({ taken }) => taken === null);
    this.#down.length = 0;
    this.#down.push(...sent, { data: null, taken: null });
    this.#stalled = false;
    this.#plan();
  }

  /** Lets go of everything. */
  discard(): void {
    this.#over = true;
    this.#schedule.drop(this.#owner);
    this.#end.destroy();
  }

  written(data: Buffer | null, taken: () => void): void {
    if (this.#over) return;
    this.#down.push({ data, taken });
    this.#plan();
  }

  #plan(): void {
    if (this.#planned || this.#stalled || this.#over) return;
    if (this.#down.length === 0 && !this.#end.destroyed) return;
    this.#planned = true;
    this.#schedule.add(this.#owner, `${this.#name} reads`, () => {
      this.#planned = false;
      // Several in one go, as often as not: what arrives together is no other story.
      do this.#deliver();
      while (this.#down.length > 0 && !this.#over && this.#schedule.chance(TOGETHER));
      this.#plan();
    });
  }

  #deliver(): void {
    if (this.#over) return;
    const [first] = this.#down;
    if (first === undefined) return this.#end.destroyed ? this.#ended(NO_CLOSE_FRAME, 'the server hung up') : undefined;
    const { taken } = first;
    first.taken = null;
    if (taken !== null) this.taken_bytes += first.data?.length ?? 0;
    taken?.();
    if (taken !== null && this.#schedule.chance(IN_FLIGHT)) return;
    this.#down.shift();
    if (first.data === null) return this.#ended(NO_CLOSE_FRAME, 'the server hung up');
    this.#received = Buffer.concat([this.#received, first.data]);
    this.#parse();
  }

  #parse(): void {
    if (!this.#upgraded) {
      const end = this.#received.indexOf('\r\n\r\n');
      if (end < 0) return;
      const accepted = this.#received.subarray(0, end).toString().startsWith('HTTP/1.1 101');
      if (!accepted) return this.cut(true);
      this.#received = this.#received.subarray(end + 4);
      this.#upgraded = true;
      this.#listener.opened();
    }
    for (;;) {
      if (this.#over) return;
      const frame = frameOf(this.#received);
      if (frame === null) return;
      this.#received = this.#received.subarray(frame.size);
      this.#heard(frame.opcode, frame.payload);
    }
  }

  #heard(opcode: number, payload: Buffer): void {
    if (opcode === OPCODE.text) return this.#listener.text(payload.toString());
    if (opcode === OPCODE.ping) return this.#send(OPCODE.pong, payload, () => undefined);
    if (opcode !== OPCODE.close) throw new Error(`a frame of opcode ${opcode} was not expected`);
    this.#send(OPCODE.close, payload.subarray(0, 2), () => this.#end.push(null));
    this.#ended(payload.length < 2 ? NO_CLOSE_FRAME : payload.readUInt16BE(0), payload.subarray(2).toString());
  }

  #ended(code: number, reason: string): void {
    this.#over = true;
    // Whoever waits for its bytes to leave is let go, as by a reset.
    for (const { taken } of this.#down.splice(0)) taken?.();
    this.#listener.closed(code, reason);
  }

  #send(opcode: number, payload: Buffer, arrived: () => void): void {
    if (this.#over && opcode !== OPCODE.close) return;
    this.#up.push({ data: maskedFrame(opcode, payload), arrived });
    this.#planUp();
  }

  #planUp(): void {
    if (this.#upPlanned || this.#up.length === 0) return;
    this.#upPlanned = true;
    this.#schedule.add(this.#owner, `${this.#name} is heard`, () => {
      this.#upPlanned = false;
      const said = this.#up.shift();
      if (said !== undefined && !this.#end.destroyed) {
        said.arrived();
        if (!this.#end.readableEnded) this.#end.push(said.data);
      }
      this.#planUp();
    });
  }
}
