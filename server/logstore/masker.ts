/**
 * Replaces secrets by `***` in a stream of bytes, before anything is written. Every byte of every occurrence goes, overlapping ones as
 * one; all other bytes pass unchanged. A secret is found with colour codes in its middle too: they stay, behind the `***`, so that what
 * follows is shown as it was meant. Of a code whose rest would be looked for in what stands there now, a terminal is told that it is over.
 * What comes out depends only on the bytes, not on how they were split: an end that may yet turn out to begin a secret is held back, so no
 * border between two writes lets half a secret through.
 */
import { codeEnd, codesIn, uncoloured, unfinishedCode } from './colour_codes.ts';
import { codeSieve } from './code_sieve.ts';
import { ESC } from './escape_kernels.ts';
import { beginnings } from './form_beginnings.ts';
import type { Span } from './form_finder.ts';
import { formFinder } from './form_finder.ts';
import { MaskedOutput, type Give } from './masked_output.ts';

export interface Masker {
  /** Gives out what is decided by now; the rest, hardly longer than the longest secret, is held back. */
  push(data: Buffer, give: Give): void;
  /** Gives out what was held back. Nothing may be pushed after it. */
  end(give: Give): void;
}

interface Hits {
  /** To be masked, in order of their beginnings; overlapping ones not joined yet. */
  spans: Span[];
  /** The part of them in which nothing may stay, not even a colour code: it belongs to the secret. */
  solid: Span[];
  /** Colour codes, in order. */
  codes: readonly Span[];
  decided: number;
}

/** What is known of the byte strings to mask: shared by all maskers for the same, because it takes longer to work out than most runs write. */
export interface MaskTables {
  find: (data: Buffer) => Span[];
  decidedOf: ReturnType<typeof beginnings>;
  sift: ReturnType<typeof codeSieve>;
}

/** @param forms byte strings to mask, each of at least three bytes. @returns null when there are none. */
export function maskTables(forms: readonly Buffer[]): MaskTables | null {
  return forms.length === 0 ? null : { find: formFinder(forms), decidedOf: beginnings(forms), sift: codeSieve(forms) };
}

/** @param forms as for `maskTables`. */
export function createMasker(forms: readonly Buffer[]): Masker {
  return maskerWith(maskTables(forms));
}

export function maskerWith(tables: MaskTables | null): Masker {
  if (tables === null) return { push: (data, give) => give(data), end: () => undefined };
  const { find, decidedOf, sift } = tables;
  const joint = new Joint();
  const out = new MaskedOutput();
  let held: Buffer = Buffer.alloc(0);
  /** So many first bytes of `held` belong to an occurrence whose `***` has been given out already; of those, so many are solid. */
  let [masked, solid] = [0, 0];

  /** Gives out all before `decided`. */
  function giveOut(data: Buffer, hits: Hits, decided: number, give: Give): void {
    out.of(data, give);
    if (hits.spans.length === 0 && masked === 0) {
      out.stretch(0, decided);
      return out.next(decided);
    }
    const inside: Span[] = solid > 0 ? [[0, solid], ...hits.solid] : hits.solid;
    const isInside = overlapping(joined(inside));
    let from = 0;
    let next_masked = Math.max(0, masked - decided);
    for (const [begin, end] of joined(masked > 0 ? [[0, masked], ...hits.spans] : hits.spans)) {
      if (begin >= decided) break;
      out.stretch(from, begin);
      if (begin > 0 || masked === 0) out.mask();
      from = Math.min(end, decided);
      for (const code of within(hits.codes, begin, from)) if (!isInside(code)) out.stretch(...code);
      next_masked = Math.max(0, end - decided);
    }
    out.stretch(from, decided);
    solid = inside.reduce((most, [begin, end]) => (begin < decided ? Math.max(most, end - decided) : most), 0);
    masked = next_masked;
    out.next(decided);
  }

  function hitsIn(data: Buffer): Hits {
    const spans = find(data);
    const decided = decidedOf(data);
    const { inside, last } = sift(data);
    // The codes in what is being masked still are to be given out.
    if (spans.length === 0 && !inside && masked === 0)
      return { spans, solid: [], codes: [], decided: codeStartIn(data, Math.min(decided, decidedBefore(data, last))) };
    const may_be_painted = inside || last < data.length;
    const codes = codesIn(data);
    // One that the data ends inside of counts as well: it may be all there is.
    const solid = spans.map(([begin, end]): Span => [Math.min(codes.unfinished, codeStart(codes.spans, begin)), end]);
    const hits = { spans: solid, solid, codes: codes.spans, decided: Math.min(decided, codes.unfinished) };
    if (may_be_painted) {
      const { plain, inOutput } = uncoloured(data, codes);
      const painted = find(plain);
      const through_codes = painted.map(inOutput).filter(([begin, end], at) => end - begin > lengthOf(painted[at]));
      hits.spans = [...solid, ...through_codes].sort(([a], [b]) => a - b);
      const painted_decided = decidedOf(plain);
      if (painted_decided < plain.length) hits.decided = Math.min(hits.decided, inOutput([painted_decided, painted_decided + 1])[0]);
    }
    hits.decided = codeStart(codes.spans, hits.decided);
    return hits;
  }

  /** What is decided of data that nothing goes on in but through the codes it ends in or right behind, which begin at `last`. */
  function decidedBefore(data: Buffer, last: number): number {
    const before = last === data.length ? last : decidedOf(data.subarray(0, last));
    return before < last ? before : unfinishedCode(data);
  }

  return {
    push(data, give) {
      const all = held.length === 0 ? data : joint.of(held, data);
      const hits = hitsIn(all);
      giveOut(all, hits, hits.decided, give);
      // A copy: what was pushed is not ours, and what is joined is used again.
      held = Buffer.from(all.subarray(hits.decided));
    },
    end(give) {
      giveOut(held, hitsIn(held), held.length, give);
      held = Buffer.alloc(0);
    },
  };
}

/** Memory to join what was held back with what comes, used again each time. */
class Joint {
  #memory = Buffer.alloc(0);

  of(held: Buffer, data: Buffer): Buffer {
    const length = held.length + data.length;
    if (this.#memory.length < length) this.#memory = Buffer.allocUnsafeSlow(2 * length);
    this.#memory.set(held);
    this.#memory.set(data, held.length);
    return this.#memory.subarray(0, length);
  }
}

/** As `codeStart`, without a list of all codes. */
function codeStartIn(data: Buffer, at: number): number {
  const escape = at < data.length ? data.lastIndexOf(ESC, at) : -1;
  return escape !== -1 && codeEnd(data, escape) > at ? escape : at;
}

/** `at`, or where the colour code begins that it is inside of: half of one is never given out, nor left in front of a `***`, which it would swallow. */
function codeStart(codes: readonly Span[], at: number): number {
  const code = codes[firstEndingAfter(codes, at)];
  return code && code[0] < at ? code[0] : at;
}

/** Those that lie wholly between `begin` and `end`. */
function within(codes: readonly Span[], begin: number, end: number): Span[] {
  const found: Span[] = [];
  for (let at = firstEndingAfter(codes, begin); at < codes.length; at++) {
    const code = codes[at];
    if (!code || code[1] > end) break;
    if (code[0] >= begin) found.push(code);
  }
  return found;
}

function firstEndingAfter(codes: readonly Span[], at: number): number {
  let low = 0;
  for (let high = codes.length; low < high;) {
    const middle = (low + high) >> 1;
    if ((codes[middle]?.[1] ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether a span overlaps one of these, which do not overlap each other; both in order. */
function overlapping(spans: readonly Span[]): (span: Span) => boolean {
  let next = 0;
  return ([begin, end]) => {
    while ((spans[next]?.[1] ?? Infinity) <= begin) next++;
    return (spans[next]?.[0] ?? Infinity) < end;
  };
}

function lengthOf(span: Span | undefined): number {
  return span === undefined ? 0 : span[1] - span[0];
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
