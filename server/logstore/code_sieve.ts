/**
 * Whether a colour code may lie in the middle of a secret. Told from the three bytes around it: most codes stand beside a space or a line
 * feed, and output in which no code can be in a secret is not searched a second time without its codes.
 */
import { codeEnd, UNFINISHED } from './colour_codes.ts';
import { ESC } from './escape_kernels.ts';
import { anyPainted } from './escapes.ts';

interface Sifted {
  /** A form may go on through a code that more bytes follow. When false none does. */
  inside: boolean;
  /** Where the codes begin that the data ends in or right behind; its length when it does not. */
  last: number;
}

export function codeSieve(forms: readonly Buffer[]): (data: Buffer) => Sifted {
  const pairs = new Uint8Array(65_536);
  const last_pairs = new Uint8Array(65_536);
  const triples = new Set<number>();
  for (const form of forms) {
    for (let at = 0; at < form.length - 1; at++) {
      const pair = form.readUInt16BE(at);
      pairs[pair] = 1;
      if (at < form.length - 2) triples.add((pair << 8) | form.readUInt8(at + 2));
      else last_pairs[pair] = 1;
    }
  }

  /** Whether the byte before the codes may be followed by those behind them, as if they stood together. */
  function mayGoOn(data: Buffer, before: number, end: number): boolean {
    const pair = (before << 8) | (data[end] ?? 0);
    if (pairs[pair] === 0) return false;
    const second = data[behind(data, end + 1)];
    return second === undefined || last_pairs[pair] === 1 || triples.has((pair << 8) | second);
  }

  return (data) => {
    let last = data.length;
    const inside = anyPainted(data, pairs, (at) => {
      const end = behind(data, at);
      if (end === UNFINISHED || end === data.length) {
        last = at;
        return data.length;
      }
      return (end > at && at > 0 && mayGoOn(data, data[at - 1] ?? 0, end)) || Math.max(end, at + 1);
    });
    return { inside, last };
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
