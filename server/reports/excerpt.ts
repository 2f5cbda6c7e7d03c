/** The few lines of a log that say why. Patterns, so a help and never the last word: the log is one click away. */
import { plainLines } from './plain_lines.ts';

export const EXCERPT_MAX_LINES = 3;
export const EXCERPT_LINE_MAX_CHARS = 300;
/** Errors further up were survived, or are about something else. */
const LAST_LINES = 200;

/** Lines that are a diagnosis by their form. */
const DIAGNOSES = [
  /^\S+[:(]\d+[:,]\d+\)?:? (?:- )?(?:fatal )?error\b/i, // src/a.ts(3,5): error TS2322, a.c:3:5: error: …, a.ts:3:5 - error TS…
  /^(?:\.{1,2}\/)?\S+\.go:\d+:\d+: /,
  /^error(?:\[E\d+\])?: (?!test failed|could not compile|aborting)/,
  /^(?:Uncaught )?[\w.]*(?:Error|Exception)\b(?: \[\w+\])?: ./,
  /^E {3}\S/, // pytest
  /^(?:thread '.*' )?panicked at |^panic: /,
  /^fatal: /,
  /^\S*sh: .*: (?:not found|command not found|permission denied|no such file or directory|.*syntax error)/i,
  /^\S*sh: \d+: \S*syntax error/i,
  /^assertion .* failed/i,
  /^make(?:\[\d+\])?: \*\*\* /,
];
const ALSO =
  /\b(?:error|failed|failure|fatal|cannot|could not|unable to|not found|denied|refused|killed|no such|timed out|no space left)\b/i;
/** Says that something failed, but not what; or that nothing did. */
const NOISE = [
  /^at /,
  /\b(?:0|no) (?:errors?|failed|failures?|failing)\b/i,
  /^npm (?:ERR!|error) (?:A complete log|code |path |command |lifecycle |workspace |location |in workspace|errno |$)/i,
  /^npm (?:ERR!|error)\s*$/i,
  /\bwarn(?:ing)?\b/i,
];

/** @returns at most three lines, without colours; the last lines of the output when none looks like a reason. */
export function excerpt(tail: string): string[] {
  return excerptOf(plainLines(tail));
}

export function excerptOf(lines: readonly string[]): string[] {
  const recent = spoken(lines)
    .slice(-LAST_LINES)
    .filter((line) => !NOISE.some((noise) => noise.test(line)));
  // Of diagnoses the first: the later ones follow from it. Of mere mentions the last: those before were survived.
  const diagnoses = unique(recent.filter((line) => DIAGNOSES.some((form) => form.test(line)))).slice(0, EXCERPT_MAX_LINES);
  if (diagnoses.length > 0) return shorten(diagnoses);
  const mentions = unique(recent.filter((line) => ALSO.test(line))).slice(-EXCERPT_MAX_LINES);
  return mentions.length > 0 ? shorten(mentions) : lastOf(lines);
}

/** What it said last, whatever that is: for a run that was stopped, where it stood. */
export function lastOf(lines: readonly string[]): string[] {
  return shorten(spoken(lines).slice(-EXCERPT_MAX_LINES));
}

function spoken(lines: readonly string[]): string[] {
  return lines.map((line) => line.trim()).filter((line) => line !== '');
}

function unique(lines: readonly string[]): string[] {
  return [...new Set(lines)];
}

export function shorten(lines: readonly string[]): string[] {
  return lines.map((line) => (line.length > EXCERPT_LINE_MAX_CHARS ? `${line.slice(0, EXCERPT_LINE_MAX_CHARS - 1)}…` : line));
}
