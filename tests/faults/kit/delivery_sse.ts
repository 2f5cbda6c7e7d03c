/** A reader of the event stream over HTTP, as `EventSource` is one: it remembers the id of the last event and names it when it comes back. */
import { request, type IncomingMessage } from 'node:http';
import type { Envelope } from '../../../src/shared/protocol/envelope.ts';
import { Facts } from './facts.ts';

export interface Told {
  /** `message`, `reset`, `history_gap`. */
  event: string;
  data: string;
}

export class StreamReader {
  readonly name: string;
  lastEventId: string | null;
  /** Of each event, in the order they came. */
  readonly seqs: number[] = [];
  readonly told: Told[] = [];
  readonly envelopes: Envelope[] = [];
  status = 0;
  isOpen = false;
  readonly #facts = new Facts();
  #response: IncomingMessage | null = null;
  #text = '';

  constructor(name: string, lastEventId: string | null = null) {
    this.name = name;
    this.lastEventId = lastEventId;
  }

  /** Resolves when it is answered. @param query with its question mark. */
  async connect(port: number, query = ''): Promise<this> {
    this.drop();
    this.#text = '';
    const headers = this.lastEventId === null ? {} : { 'last-event-id': this.lastEventId };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request({ host: '127.0.0.1', port, path: `/api/v1/events/stream${query}`, headers, agent: false }, resolve)
        .once('error', reject)
        .end();
    });
    this.#response = response;
    this.status = response.statusCode ?? 0;
    this.isOpen = true;
    const isMine = (): boolean => this.#response === response;
    response.setEncoding('utf8');
    response.on('data', (text: string) => isMine() && this.#take(text));
    response.on('error', () => undefined);
    response.once('close', () => {
      if (isMine()) this.isOpen = false;
      this.#facts.changed();
    });
    return this;
  }

  stopReading(): void {
    this.#response?.pause();
  }

  read(): void {
    this.#response?.resume();
  }

  /** Idempotent. */
  drop(): void {
    const response = this.#response;
    this.#response = null;
    this.isOpen = false;
    response?.destroy();
  }

  get upto(): number {
    return this.seqs.at(-1) ?? 0;
  }

  until(what: string, isSo: () => boolean, deadline_ms?: number): Promise<void> {
    return this.#facts.until(`${this.name}: ${what}, at ${this.upto}`, isSo, deadline_ms);
  }

  #take(text: string): void {
    this.#text += text;
    const blocks = this.#text.split('\n\n');
    this.#text = blocks.pop() ?? '';
    for (const block of blocks) this.#block(block);
    this.#facts.changed();
  }

  #block(block: string): void {
    const fields = new Map(
      block.split('\n').map((line): [string, string] => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
    );
    const [data, id, event = 'message'] = [fields.get('data'), fields.get('id'), fields.get('event')];
    if (data === undefined) return;
    this.told.push({ event, data });
    if (id !== undefined) this.lastEventId = id;
    if (event !== 'message') return;
    const envelope = JSON.parse(data) as Envelope;
    this.seqs.push(envelope.seq_no);
    this.envelopes.push(envelope);
  }
}
