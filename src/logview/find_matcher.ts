/**
 * Where a line's shown text holds what is looked for, for the marks on the screen. The server does the finding; this only shows where in the few lines
 * in view, so it may leave marks out but must never hang: a regular expression that could take long on a line is not tried, and its lines are
 * marked whole by whoever knows that they match.
 */
import { queryPattern } from '../shared/output/query_pattern.ts';
import type { LogQuery } from '../shared/protocol/run_log.ts';
import type { Mark } from './shown_spans.ts';

export type Matcher = (text: string) => Mark[];

/** Of one line; more are not told apart by eye. */
const MARKS_MOST = 200;
/** A longer text is not searched with a regular expression here. */
const PATTERN_TEXT_MOST = 4_000;

/** Null when this page cannot tell where a line matches. */
export function matcherOf(query: LogQuery, mark: string): Matcher | null {
  const pattern = patternOf(query);
  if (pattern === null) return null;
  return (text) => {
    if (query.mode === 'regex' && text.length > PATTERN_TEXT_MOST) return [];
    const marks: Mark[] = [];
    for (const { index, 0: found } of text.matchAll(pattern)) {
      // `a*` matches between all letters, which is nothing to be seen.
      if (found !== '') marks.push({ from: index, to: index + found.length, class: mark });
      if (marks.length >= MARKS_MOST) break;
    }
    return marks;
  };
}

function patternOf(query: LogQuery): RegExp | null {
  if (query.mode === 'regex' && !isHarmless(query.q)) return null;
  try {
    const { source, flags } = queryPattern(query);
    return new RegExp(source, `${flags}g`);
  } catch {
    // The server says what is wrong with it.
    return null;
  }
}

/** Whether it takes time in proportion to the text: nothing that repeats within something that repeats, no alternatives that repeat, no look-around or back-reference. */
export function isHarmless(pattern: string): boolean {
  if (/\(\?[=!<]|\\[1-9k]/.test(pattern)) return false;
  const groups: { repeats: boolean }[] = [];
  let loose = 0;
  for (let at = 0; at < pattern.length; at++) {
    const c = pattern.charAt(at);
    if (c === '\\') at++;
    else if (c === '[') at = endOfClass(pattern, at);
    else if (c === '(') groups.push({ repeats: false });
    else if (c === ')') {
      const group = groups.pop();
      if (group?.repeats === true && isRepeat(pattern.charAt(at + 1))) return false;
      const outer = groups.at(-1);
      if (outer !== undefined && (group?.repeats === true || isRepeat(pattern.charAt(at + 1)))) outer.repeats = true;
    } else if (c === '|' || isRepeat(c)) {
      const group = groups.at(-1);
      if (group !== undefined) group.repeats = true;
      // `.*.*.*x` is slow, too: with the power of the number of them.
      if (c !== '|' && c !== '?' && ++loose > 3) return false;
    }
  }
  return true;
}

function isRepeat(c: string): boolean {
  return c === '*' || c === '+' || c === '{' || c === '?';
}

function endOfClass(pattern: string, at: number): number {
  for (let i = at + 1; i < pattern.length; i++) {
    if (pattern.charAt(i) === '\\') i++;
    else if (pattern.charAt(i) === ']') return i;
  }
  return pattern.length;
}
