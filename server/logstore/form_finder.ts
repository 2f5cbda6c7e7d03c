/**
 * Finds every occurrence of many byte strings in one pass, whose cost hardly grows with their number: a multi-line key has hundreds of
 * spellings, and a search for each would cost more than the run. Positions are sifted by their first two bytes.
 */

export type Span = [begin: number, end: number];

export interface Found {
  /** Occurrences in order of their beginnings. */
  spans: Span[];
  /** The first place from which the rest of the data may be the beginning of an occurrence; its length when there is none. */
  decided: number;
}

/** @param forms each of at least two bytes. */
export function formFinder(forms: readonly Buffer[]): (data: Buffer) => Found {
  const begins = new Uint8Array(65_536);
  const first_bytes = new Uint8Array(256);
  const by_pair = new Map<number, Buffer[]>();
  for (const form of forms) {
    const pair = form.readUInt16BE(0);
    begins[pair] = 1;
    first_bytes[pair >> 8] = 1;
    by_pair.set(pair, [...(by_pair.get(pair) ?? []), form]);
  }
  return (data) => {
    const spans: Span[] = [];
    const last_begins = first_bytes[data.at(-1) ?? 0] === 1;
    let decided = data.length - (data.length > 0 && last_begins ? 1 : 0);
    let pair = data[0] ?? 0;
    for (let at = 0; at < data.length - 1; at++) {
      pair = ((pair << 8) | (data[at + 1] ?? 0)) & 0xffff;
      if (begins[pair] === 0) continue;
      for (const form of by_pair.get(pair) ?? []) {
        const same = sameBytes(data, at, form);
        if (same === form.length) spans.push([at, at + same]);
        else if (at + same === data.length) decided = Math.min(decided, at);
      }
    }
    return { spans, decided };
  };
}

/** How many bytes from `at` on are those of the form. */
function sameBytes(data: Buffer, at: number, form: Buffer): number {
  let same = 2;
  while (same < form.length && data[at + same] === form[same]) same++;
  return same;
}
