/** The few lines of a log that say why. Patterns, so a help and never the last word: the log is one click away. */
import { diagnosisOf } from '../../src/shared/output/diagnosis.ts';
import { SAYS_NOTHING } from '../../src/shared/output/diagnosis_forms.ts';
import { plainLines } from './plain_lines.ts';

export const EXCERPT_MAX_LINES = 3;
export const EXCERPT_LINE_MAX_CHARS = 300;
/** Errors further up were survived, or are about something else. */
const LAST_LINES = 200;

const ALSO =
  /\b(?:error|failed|failure|fatal|cannot|could not|unable to|not found|denied|refused|killed|no such|timed out|no space left)\b/i;

/** @returns at most three lines, without colours; the last lines of the output when none looks like a reason. */
export function excerpt(tail: string): string[] {
  return excerptOf(plainLines(tail));
}

export function excerptOf(lines: readonly string[]): string[] {
  const recent = spoken(lines)
    .slice(-LAST_LINES)
    .filter((line) => !SAYS_NOTHING.some((noise) => noise.test(line)));
  // Of diagnoses the first: the later ones follow from it. Of mere mentions the last: those before were survived.
  // A heading names what failed, which is shown anyway: only where nothing says why.
  const found = recent.map((line) => ({ line, form: diagnosisOf(line) })).filter(({ form }) => form !== null);
  const reasons = found.filter(({ form }) => form?.heading !== true);
  const diagnoses = unique((reasons.length > 0 ? reasons : found).map(({ line }) => line)).slice(0, EXCERPT_MAX_LINES);
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
