/**
 * Whether a colour code may lie in the middle of a secret. Told from the three bytes around it: most codes stand beside a space or a line
 * feed, and output in which no code can be in a secret is not searched a second time without its codes.
 */
import { codeEnd, ESC, nextEscape, UNFINISHED } from './colour_codes.ts';

/** @returns false only when no form goes on through a code, and none is unfinished. */
export function codeSieve(forms: readonly Buffer[]): (data: Buffer) => boolean {
  const firsts = new Uint8Array(256);
  const pairs = new Uint8Array(65_536);
  const last_pairs = new Uint8Array(65_536);
  const triples = new Set<number>();
  for (const form of forms) {
    for (let at = 0; at < form.length - 1; at++) {
      firsts[form.readUInt8(at)] = 1;
      const pair = form.readUInt16BE(at);
      pairs[pair] = 1;
      if (at < form.length - 2) triples.add((pair << 8) | form.readUInt8(at + 2));
      else last_pairs[pair] = 1;
    }
  }

  /** Whether the byte before the codes may be followed by those behind them, as if they stood together. */
  function mayGoOn(data: Buffer, before: number, end: number): boolean {
    const next = data[end];
    if (next === undefined) return firsts[before] === 1;
    const pair = (before << 8) | next;
    if (pairs[pair] === 0) return false;
    const second = data[behind(data, end + 1)];
    return second === undefined || last_pairs[pair] === 1 || triples.has((pair << 8) | second);
  }

  return (data) => {
    for (let at = nextEscape(data, 0); at < data.length;) {
      const end = behind(data, at);
      // What is before a code that has only begun may be the beginning of a secret.
      if (end === UNFINISHED) return true;
      if (end > at && at > 0 && mayGoOn(data, data[at - 1] ?? 0, end)) return true;
      at = nextEscape(data, Math.max(end, at + 1));
    }
    return false;
  };
}

/** `place`, or behind the codes that follow each other from there: together they are in the middle of the same thing. `UNFINISHED` when the data ends in one. */
function behind(data: Buffer, place: number): number {
  let at = place;
  while (data[at] === ESC) {
    const end = codeEnd(data, at);
    if (end === at || end === UNFINISHED) return end;
    at = end;
  }
  return at;
}
