/**
 * Counts events in what a server sends over a WebSocket, and reads nothing else: the load generator must cost less than what it measures. No
 * JSON is parsed; of a batch the digits of `after` and `upto` are read.
 */

/** How a side's frames tell of events. */
export type Telling = 'bare' | 'socket.io' | 'signalbox';

export interface Counted {
  /** Of one frame. */
  events(count: number): void;
  /** Any other text frame. */
  other(text: Buffer): void;
}

const EVENTS = Buffer.from('{"type":"events","after":');
/** Where `{"type"` and `{"seq_no"` differ. */
const TYPE_AT = 2;
const UPTO = ',"upto":'.length;
const [ZERO, NINE] = [48, 57];

export class CountingReader {
  readonly #telling: Telling;
  readonly #counted: Counted;
  #rest: Buffer | null = null;

  constructor(telling: Telling, counted: Counted) {
    this.#telling = telling;
    this.#counted = counted;
  }

  /** @param data may be reused by the caller afterwards. */
  read(data: Buffer): void {
    const all = this.#rest === null ? data : Buffer.concat([this.#rest, data]);
    let at = 0;
    while (all.length - at >= 2) {
      const short = all[at + 1] ?? 0;
      const head = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (all.length - at < head) break;
      const bytes = short < 126 ? short : short === 126 ? all.readUInt16BE(at + 2) : Number(all.readBigUInt64BE(at + 2));
      if (all.length - at < head + bytes) break;
      if (all[at] === 0x81) this.#frame(all, at + head, at + head + bytes);
      at += head + bytes;
    }
    this.#rest = at === all.length ? null : Buffer.from(all.subarray(at));
  }

  #frame(data: Buffer, begin: number, end: number): void {
    // An envelope by itself; else it is a batch, as the gateway's.
    if (this.#telling === 'bare' && data[begin + TYPE_AT] !== EVENTS[TYPE_AT]) return this.#counted.events(1);
    if (this.#telling === 'socket.io') {
      // 4: message, 2: event.
      if (data[begin] === 52 && data[begin + 1] === 50) return this.#counted.events(1);
    } else if (
      end - begin > EVENTS.length &&
      data[begin + 11] === EVENTS[11] &&
      data.compare(EVENTS, 0, EVENTS.length, begin, begin + EVENTS.length) === 0
    ) {
      let [at, after, upto] = [begin + EVENTS.length, 0, 0];
      for (; isDigit(data[at]); at++) after = after * 10 + (data[at] ?? 0) - ZERO;
      for (at += UPTO; isDigit(data[at]); at++) upto = upto * 10 + (data[at] ?? 0) - ZERO;
      return this.#counted.events(upto - after);
    }
    this.#counted.other(data.subarray(begin, end));
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}
