/** Matching lines and the lines around them, as they are read: the rows of a log that is filtered. */
import { packStyle, unpackStyle } from '../../../src/shared/output/packed_style.ts';
import { styleAfter } from '../../../src/shared/output/ansi.ts';
import { LINES_SENT_MOST } from '../../../src/shared/protocol/log_bounds.ts';
import type { HitsAnswer, LinesAnswer } from '../../../src/shared/protocol/run_log.ts';
import type { KeptSearch } from './kept_search.ts';

export type ReadLines = (run_id: number, from: number, count: number) => Promise<Pick<LinesAnswer, 'style' | 'items'> | null>;

/** Lines that are read though nobody asked, so that rows near each other are read at once. */
const GAP_READ_LINES = 16;

/** @param lines of the log. */
export async function hitRows(
  kept: KeptSearch,
  read: ReadLines,
  { run_id, lines, row, count, context }: { run_id: number; lines: number; row: number; count: number; context: number },
): Promise<HitsAnswer['items']> {
  const rows = kept.rows(context).lines(row, Math.min(count, LINES_SENT_MOST), lines);
  const items: HitsAnswer['items'] = [];
  for (let at = 0; at < rows.length;) {
    const from = rows[at] ?? 0;
    const last = rows.findLastIndex((n, i) => i >= at && n - from < LINES_SENT_MOST && n - from <= (i - at) * GAP_READ_LINES);
    const some = await read(run_id, from, (rows[last] ?? from) - from + 1);
    let style = unpackStyle(some?.style ?? [-1, -1, 0]);
    const begun = at;
    for (const line of some?.items ?? []) {
      if (line.n === rows[at]) {
        const k = kept.firstFrom(line.n);
        items.push({ row: row + at, k: k < kept.length && kept.line(k) === line.n ? k : null, style: packStyle(style), line });
        at++;
      }
      style =
        line.cut === undefined
          ? styleAfter(line.text, line.skipped === undefined ? style : unpackStyle(line.skipped.style))
          : unpackStyle(line.cut);
    }
    // The log ends here, or was deleted under way.
    if (at === begun) return items;
  }
  return items;
}
