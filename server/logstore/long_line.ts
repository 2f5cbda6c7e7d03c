/**
 * A line of which not all is sent. Its end and its style come from the index, however long it is; only what may have been started over by `\r` must
 * be looked for, and that is done piece by piece.
 */
import { packStyle } from '../../src/shared/output/packed_style.ts';
import { LINE_SENT_BYTES, type LogLine } from '../../src/shared/protocol/run_log.ts';
import { lineStart, styleAt, type LogLook } from './line_places.ts';
import { characterStart, decodeLossy } from './utf8_cut.ts';

const RETURN = 0x0d;

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

/** After the last `\r` that something follows: what stood before it in the line was written over. */
async function standingFrom({ bytes }: LogLook, from: number, to: number): Promise<number> {
  let standing = from;
  let at = from;
  /** A `\r` came last; nothing follows it yet. */
  let returned = -1;
  for await (const data of bytes.stream(from, to)) {
    let written = data.length - 1;
    while (written >= 0 && data[written] === RETURN) written--;
    if (written >= 0) {
      const last = data.subarray(0, written).lastIndexOf(RETURN);
      if (last !== -1) standing = at + last + 1;
      else if (returned !== -1) standing = returned;
      returned = -1;
    }
    if (written < data.length - 1) returned = at + data.length;
    at += data.length;
  }
  return standing;
}
