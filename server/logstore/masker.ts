/**
 * Replaces secrets by `***` in a stream of bytes, before anything is written. Every byte of every occurrence goes, overlapping ones as
 * one; all other bytes pass unchanged. What comes out depends only on the bytes, not on how they were split: an end that may yet turn
 * out to begin a secret is held back, so no border between two writes lets half a secret through.
 */

import type { Span } from './form_finder.ts';
import { formFinder } from './form_finder.ts';

export const MASK = Buffer.from('***');

export interface Masker {
  /** @returns what is decided by now; the rest, shorter than the longest secret, is held back. */
  push(data: Buffer): Buffer;
  /** @returns what was held back. Nothing may be pushed after it. */
  end(): Buffer;
}

/** @param forms byte strings to mask, each of at least two bytes. */
export function createMasker(forms: readonly Buffer[]): Masker {
  if (forms.length === 0) return { push: (data) => data, end: () => Buffer.alloc(0) };
  const find = formFinder(forms);
  let held: Buffer = Buffer.alloc(0);
  /** So many first bytes of `held` belong to an occurrence whose `***` has been given out already. */
  let masked = 0;

  /** Gives out all before `decided`. */
  function give(data: Buffer, spans: readonly Span[], decided: number): Buffer {
    const out: Buffer[] = [];
    let from = 0;
    let next_masked = Math.max(0, masked - decided);
    for (const [begin, end] of joined(masked > 0 ? [[0, masked], ...spans] : spans)) {
      if (begin >= decided) break;
      out.push(data.subarray(from, begin));
      if (begin > 0 || masked === 0) out.push(MASK);
      from = Math.min(end, decided);
      next_masked = Math.max(0, end - decided);
    }
    if (from < decided) out.push(data.subarray(from, decided));
    masked = next_masked;
    return Buffer.concat(out);
  }

  return {
    push(data) {
      const all = held.length === 0 ? data : Buffer.concat([held, data]);
      const { spans, decided } = find(all);
      const out = give(all, spans, decided);
      // A copy, so that a few held bytes do not keep a whole read alive.
      held = Buffer.from(all.subarray(decided));
      return out;
    },
    end() {
      const out = give(held, find(held).spans, held.length);
      held = Buffer.alloc(0);
      return out;
    },
  };
}

/** Overlapping spans become one; those that merely touch stay two. @param spans in order of their beginnings. */
function joined(spans: readonly Span[]): Span[] {
  const out: Span[] = [];
  for (const [begin, end] of spans) {
    const last = out.at(-1);
    if (last && begin < last[1]) last[1] = Math.max(last[1], end);
    else out.push([begin, end]);
  }
  return out;
}
