/**
 * A line of which not all is sent. Its end and its style come from the index, however long it is; only where it may have been started over must be
 * looked for, and that is done piece by piece.
 */
import { packStyle } from '../../src/shared/output/packed_style.ts';
import { StandingScan } from '../../src/shared/output/standing_scan.ts';
import { LINE_SENT_BYTES } from '../../src/shared/protocol/log_bounds.ts';
import type { LogLine } from '../../src/shared/protocol/run_log.ts';
import { lineStart, styleAt, type LogLook } from './line_places.ts';
import { characterStart, decodeLossy } from './utf8_cut.ts';

/** Line `n`, which begins at `offset`, and where the next one begins: beyond the end when the line is the one being written. */
export async function longLine(look: LogLook, n: number, offset: number): Promise<{ line: LogLine; next: number }> {
  const { bytes: log, end: size } = look;
  const last = (await look.index.entry(look.index.count - 1)).feeds < n;
  const next = last ? size + 1 : await lineStart(look, n + 1);
  const end = next - 1;
  const from = await standingFrom(look, offset, end);
  // One character more than is sent, so that the cut is seen whole.
  const some = await log.read(from, Math.min(end, from + LINE_SENT_BYTES + 3));
  const sent = some.length <= LINE_SENT_BYTES ? some : some.subarray(0, characterStart(some, LINE_SENT_BYTES));
  const line: LogLine = { n, offset, bytes: end - offset, text: decodeLossy(sent), cut: packStyle((await styleAt(look, end)).style) };
  if (from > offset) line.skipped = { bytes: from - offset, style: packStyle((await styleAt(look, from)).style) };
  return { line, next };
}

/** What stood before it in the line was written over. */
async function standingFrom({ bytes }: LogLook, from: number, to: number): Promise<number> {
  const scan = new StandingScan(from);
  for await (const data of bytes.stream(from, to)) scan.add(data);
  scan.end();
  return scan.from;
}
