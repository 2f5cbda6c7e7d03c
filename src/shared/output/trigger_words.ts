/**
 * Words of which a line that matters to a survey of a log has at least one: most lines have none and need no closer look. In lower case; any case
 * counts. `^` is the start of a line, or what may stand before a word that starts one as it is shown: what starts it over or erases it, a space, or the end
 * of a colour code.
 */

/** Of lines that may say why something failed. None shorter than four characters, `^` counted. */
export const DIAGNOSIS_TRIGGERS = [
  'error',
  'fail',
  'fatal',
  'panic',
  'exception',
  'traceback (',
  'terminate called',
  'not ok',
  '.go:',
  '^e   ',
  '^e: ',
  '^err:',
  'err!',
  'err_pnpm',
  'elifecycle',
  'code style',
  'went wrong',
  'undefined reference',
  ': *** ',
  'curl: (',
  'not found',
  'could not find',
  'unbound variable',
  'parameter not set',
  'permission denied',
  'no such file',
  'a directory',
  'connection refused',
  'timed out',
  'ms exceeded',
  'quota exceeded',
  'cannot execute',
  'bad substitution',
  'not permitted',
  '[rejected]',
  'remote rejected',
  'conflict (',
  'killed',
  'aborted',
  'segmentation',
  'illegal instruction',
  'out of memory',
  'allocate memory',
  'no space left',
  'too many open',
  'read-only file',
  '##teamcity[',
] as const;

/** Of lines that begin or end a section. */
export const SECTION_TRIGGERS = ['::group::', '::endgroup', '##[group]', '##[endgroup', 'section_', '^--- ', '^+++ ', '^~~~ '] as const;

const escaped = (word: string): string => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const ANY = new RegExp(
  DIAGNOSIS_TRIGGERS.map((word) => (word.startsWith('^') ? `(?:^|[ m])${escaped(word.slice(1))}` : escaped(word))).join('|'),
  'i',
);

/** @param text as it is shown. */
export function hasDiagnosisTrigger(text: string): boolean {
  return ANY.test(text);
}
