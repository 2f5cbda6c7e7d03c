/**
 * Finds every occurrence of many byte strings in one pass. A multi-line key has hundreds of spellings, and a search for each would cost more than
 * the run; so the data is sifted by the last three bytes of a window as long as the shortest form, and stretches in which no form can end are
 * jumped over (the way of Wu and Manber).
 */

export type Span = [begin: number, end: number];

export interface Found {
  /** Occurrences in order of their beginnings. */
  spans: Span[];
  /** The first place from which the rest of the data may be the beginning of an occurrence; its length when there is none. */
  decided: number;
}

/** Longer windows make hardly longer jumps; a jump must fit a byte. */
const WINDOW_MAX_BYTES = 64;
/** Of the table of jumps: larger is emptier, so the jumps are longer, until it no longer fits the cache of a core. */
const TABLE_BITS = 17;
const BLOCK_BYTES = 3;

/** @param forms each of at least `BLOCK_BYTES`. */
export function formFinder(forms: readonly Buffer[]): (data: Buffer) => Found {
  const sift = sieve(forms);
  const decidedOf = beginnings(forms);
  return (data) => ({ spans: sift(data), decided: decidedOf(data) });
}

function hashOf(a: number, b: number, c: number): number {
  return Math.imul((a << 16) | (b << 8) | c, 0x9e3779b1) >>> (32 - TABLE_BITS);
}

function sieve(forms: readonly Buffer[]): (data: Buffer) => Span[] {
  const window = Math.min(WINDOW_MAX_BYTES, ...forms.map(({ length }) => length));
  /** By the last block of a window: how far the next window in which a form can begin is. 0: one may begin in this one. */
  const jumps = new Uint8Array(1 << TABLE_BITS).fill(window - BLOCK_BYTES + 1);
  const by_hash = new Map<number, Buffer[]>();
  for (const form of forms) {
    for (let end = BLOCK_BYTES - 1; end < window; end++) {
      const hash = hashOf(form.readUInt8(end - 2), form.readUInt8(end - 1), form.readUInt8(end));
      jumps[hash] = Math.min(jumps[hash] ?? 0, window - 1 - end);
      if (end === window - 1) by_hash.set(hash, [...(by_hash.get(hash) ?? []), form]);
    }
  }
  function jumpAt(data: Buffer, at: number): number {
    return jumps[hashOf(data[at - 2] ?? 0, data[at - 1] ?? 0, data[at] ?? 0)] ?? 0;
  }
  function look(data: Buffer, begin: number, spans: Span[]): void {
    const end = begin + window - 1;
    for (const form of by_hash.get(hashOf(data[end - 2] ?? 0, data[end - 1] ?? 0, data[end] ?? 0)) ?? []) {
      if (sameBytes(data, begin, form) === form.length) spans.push([begin, begin + form.length]);
    }
  }
  return (data) => {
    const { length } = data;
    const spans: Span[] = [];
    const second_spans: Span[] = [];
    const middle = Math.max(window - 1, length >> 1);
    let [at, second] = [window - 1, middle];
    // Two places at once: each jump waits for the table, so a core has time for another.
    while (at < middle && second < length) {
      const [jump, second_jump] = [jumpAt(data, at), jumpAt(data, second)];
      if (jump === 0) look(data, at - window + 1, spans);
      if (second_jump === 0) look(data, second - window + 1, second_spans);
      at += jump || 1;
      second += second_jump || 1;
    }
    for (let jump = 0; at < middle; at += jump || 1) if ((jump = jumpAt(data, at)) === 0) look(data, at - window + 1, spans);
    for (let jump = 0; second < length; second += jump || 1) {
      if ((jump = jumpAt(data, second)) === 0) look(data, second - window + 1, second_spans);
    }
    return second_spans.length === 0 ? spans : [...spans, ...second_spans];
  };
}

/** Looks at the end of the data only: what lies further from it than the longest form is decided. */
function beginnings(forms: readonly Buffer[]): (data: Buffer) => number {
  const longest = Math.max(0, ...forms.map(({ length }) => length));
  const begins = new Uint8Array(1 << TABLE_BITS);
  const by_hash = new Map<number, Buffer[]>();
  for (const form of forms) {
    const hash = hashOf(form.readUInt8(0), form.readUInt8(1), form.readUInt8(2));
    begins[hash] = 1;
    by_hash.set(hash, [...(by_hash.get(hash) ?? []), form]);
  }
  return (data) => {
    const { length } = data;
    let at = Math.max(0, length - longest + 1);
    for (; at < length - 2; at++) {
      const hash = hashOf(data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0);
      if (begins[hash] === 1 && mayBegin(data, at, by_hash.get(hash) ?? [])) return at;
    }
    for (; at < length; at++) if (mayBegin(data, at, forms)) return at;
    return length;
  };
}

function mayBegin(data: Buffer, at: number, forms: readonly Buffer[]): boolean {
  const rest = data.length - at;
  return forms.some((form) => form.length > rest && sameBytes(data, at, form) === rest);
}

/** How many bytes from `at` on are those of the form. */
function sameBytes(data: Buffer, at: number, form: Buffer): number {
  let same = 0;
  while (same < form.length && data[at + same] === form[same]) same++;
  return same;
}
