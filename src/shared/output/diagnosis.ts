/**
 * Whether a line of output is a reason of a failure, by its form. The log is one click away, so this is a help and never the last word: what is not
 * sure is none, because a passing log is full of the word.
 *
 * Of the lines that tell of one failure the one to land on is marked: where its account begins when that line names what failed and the rest stands
 * right below it (a compiler, `--- FAIL`, a panic), else the sentence itself (the last line of a Python traceback, pytest's first `E`). Not
 * marked are a line of progress whose account comes later (`test a ... FAILED`), counts, and words that follow from a failure told before.
 *
 * Every form is tested in time linear in the line, of which no more than `LINE_LOOKED_AT_CHARS` are looked at.
 */
import { FORMS, type DiagnosisForm } from './diagnosis_forms.ts';
import { hasDiagnosisTrigger } from './trigger_words.ts';

/** A longer line is no sentence. */
export const LINE_LOOKED_AT_CHARS = 1_000;

/** What a tool that runs others puts before their lines: a time, a build step, a frame, a number, a package and its script. */
const BEFORE =
  /^(?:\d{4}-\d\d-\d\dT[\d:.]+Z |#\d+ [\d.]+ |\d+\.\d+ |[│|] +|\[\d+\] |[\w@./-]{1,60} +\| |[\w@./-]{1,60}[ :#][\w:.-]{1,40}: )/;

/** @param text a line as it is shown: `plainLine`. @returns null when it is no reason. */
export function diagnosisOf(text: string): DiagnosisForm | null {
  const line = text.length > LINE_LOOKED_AT_CHARS ? text.slice(0, LINE_LOOKED_AT_CHARS) : text;
  if (!hasDiagnosisTrigger(line)) return null;
  const form = formOf(line);
  if (form !== null) return form;
  const inner = withoutPrefix(line);
  return inner === line ? null : formOf(inner);
}

/** A line without what another tool put before it. */
export function withoutPrefix(line: string): string {
  return line.replace(BEFORE, '');
}

function formOf(line: string): DiagnosisForm | null {
  return FORMS.find(({ looks }) => (typeof looks === 'function' ? looks(line) : looks.test(line))) ?? null;
}
