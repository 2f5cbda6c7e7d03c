/**
 * The style that output leaves behind, followed over bytes as they come: the same as `styleAfter` of the decoded text, for any cuts, also within
 * a sequence. Only `ESC [ … m` matters, and no byte of it can be part of a character. Every byte of every log comes through here, so
 * line feeds are counted on the way, and nothing is worked out that a later reset undoes.
 */
import { BRACKET, isParameter, SGR_PARAMS_MOST } from '../../src/shared/output/sequence.ts';
import { styleAfterSgr } from '../../src/shared/output/sgr.ts';
import { PLAIN, type Style } from '../../src/shared/output/style.ts';
import { PART_BYTES } from './escape_kernels.ts';
import { escapesIn } from './escapes.ts';

export interface OutputStyle {
  style: Style;
  /** A sequence that is not complete, from its ESC on; empty when there is none. */
  open: string;
}

const M = 0x6d;
const ZERO = 0x30;
const NONE = -1;
const ESC_CHAR = '\u001b';
const INTRODUCER = '\u001b[';
/** Bytes before a cut among which the sequence that was cut begins, if it is one that does anything. */
export const SEQUENCE_MOST_BYTES = INTRODUCER.length + SGR_PARAMS_MOST;
/** Kept of a longer one, which is enough to know that it is. */
const OPEN_KEPT = SEQUENCE_MOST_BYTES + 1;

export const PLAIN_OUTPUT: OutputStyle = { style: PLAIN, open: '' };

/** What the style and an unfinished sequence become by what follows, and the line feeds in that. */
export function styleThrough({ style, open }: OutputStyle, data: Buffer): OutputStyle & { feeds: number } {
  let through = { style, open, feeds: 0 };
  for (let from = 0; from < data.length; from += PART_BYTES) {
    const { feeds } = through;
    through = throughPart(through, data.subarray(from, from + PART_BYTES));
    through.feeds += feeds;
  }
  return through;
}

function throughPart({ style, open }: OutputStyle, data: Buffer): OutputStyle & { feeds: number } {
  const introduced = open === ESC_CHAR && data[0] === BRACKET;
  if (open === '' || (open === ESC_CHAR && !introduced)) return scan(style, data);
  const from = introduced ? 1 : 0;
  const end = parametersEnd(data, from);
  const params = open.slice(INTRODUCER.length) + data.toString('latin1', from, Math.min(end, from + OPEN_KEPT));
  if (end === data.length) return { style, open: (INTRODUCER + params).slice(0, OPEN_KEPT), feeds: 0 };
  return scan(data[end] === M ? styleAfterSgr(style, params) : style, data);
}

function scan(start: Style, data: Buffer): OutputStyle & { feeds: number } {
  const { feeds, count, at } = escapesIn(data);
  let n = lastReset(data, count, at);
  let step = stepOf(n === NONE ? start : PLAIN);
  for (n++; n < count; n++) {
    const begin = at(n);
    if (begin + 1 === data.length) return { style: step.style, open: ESC_CHAR, feeds };
    if (data[begin + 1] !== BRACKET) continue;
    const end = parametersEnd(data, begin + 2);
    if (end === data.length) return { style: step.style, open: data.toString('latin1', begin, Math.min(end, begin + OPEN_KEPT)), feeds };
    if (data[end] === M) step = afterParams(step, data, begin + 2, end);
  }
  return { style: step.style, open: '', feeds };
}

/** The number of the last sequence that makes everything plain: what was before it need not be looked at. */
function lastReset(data: Buffer, count: number, at: (n: number) => number): number {
  for (let n = count - 1; n >= 0; n--) {
    const begin = at(n);
    if (data[begin + 1] !== BRACKET) continue;
    const zero = data[begin + 2] === ZERO ? 1 : 0;
    if (data[begin + 2 + zero] === M) return n;
  }
  return NONE;
}

function parametersEnd(data: Buffer, from: number): number {
  let end = from;
  while (isParameter(data[end] ?? 0)) end++;
  return end;
}

/** A style and what sequences make of it: what was worked out once is one look away. */
interface Step {
  readonly style: Style;
  readonly next: Map<number, Step>;
}

/** Parameters are of 16 characters: so few of them are one small whole number, and need not become text. */
const KEYED_MOST = 7;
/** Of all styles together: each is held by the one it was made of, so a bound for each alone would hold none of them down. */
const KNOWN_MOST = 16_384;
let steps = new WeakMap<Style, Step>();
let known_count = 0;

function stepOf(style: Style): Step {
  const known = steps.get(style);
  if (known !== undefined) return known;
  const step = { style, next: new Map<number, Step>() };
  steps.set(style, step);
  return step;
}

function afterParams(step: Step, data: Buffer, from: number, to: number): Step {
  if (to - from > KEYED_MOST) return stepOf(styleAfterSgr(step.style, data.toString('latin1', from, Math.min(to, from + OPEN_KEPT))));
  let key = 1;
  for (let at = from; at < to; at++) key = (key << 4) | ((data[at] ?? 0) & 15);
  const known = step.next.get(key);
  if (known !== undefined) return known;
  const next = stepOf(styleAfterSgr(step.style, data.toString('latin1', from, to)));
  step.next.set(key, next);
  if (++known_count > KNOWN_MOST) {
    steps = new WeakMap();
    known_count = 0;
    return stepOf(next.style);
  }
  return next;
}
