/** What a screen reader is told where others see it: which line the reader was led to, what is selected, what became of a copy. */
import { selectionWords, linesOf, type Selection } from '../../logview/log_selection.ts';

/** Of a line; the rest is to be read in the log. */
const TEXT_MOST = 200;

/** @param error its number, from 0, and of how many; null where it is none. @param text of the line, as it is shown; '' when it is not here. */
export function ledWords({ n, error }: { n: number; error: { k: number; count: number } | null }, text: string): string {
  const line = `line ${n.toLocaleString('en-GB')}${saidText(text)}`;
  return error === null ? `L${line.slice(1)}` : `Error ${error.k + 1} of ${error.count.toLocaleString('en-GB')}, ${line}`;
}

/** @param receipt what became of the last copy; '' when there was none. @param textOf of a line. */
export function selectedWords(selection: Selection | null, receipt: string, textOf: (n: number) => string): string {
  if (selection === null) return receipt;
  const { from, to } = linesOf(selection);
  const text = selection.type === 'lines' && from === to ? saidText(textOf(from)) : '';
  // The receipt alone: what is selected was said before.
  return receipt === '' ? `${selectionWords(selection)}${text}` : receipt;
}

function saidText(text: string): string {
  const said = text.trim();
  if (said === '') return '';
  return `: ${said.length > TEXT_MOST ? `${said.slice(0, TEXT_MOST)}…` : said}`;
}
