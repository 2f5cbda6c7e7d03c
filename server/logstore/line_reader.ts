/** Lines of a log from any one on. Bounded in lines, in bytes of text and, by `longLine`, in what is held of a line of any length. */
import { packStyle } from '../../src/shared/output/packed_style.ts';
import { LINE_SENT_BYTES, LINES_SENT_MOST } from '../../src/shared/protocol/log_bounds.ts';
import type { LogLine } from '../../src/shared/protocol/run_log.ts';
import { lineStart, styleAt, type LogLook } from './line_places.ts';
import { longLine } from './long_line.ts';
import type { SomeLines } from './port.ts';
import { decodeLossy } from './utf8_cut.ts';

/** File bytes whose text one answer holds; the line that passes it is the last. */
const TEXT_SENT_BYTES = 1_048_576;
const READ_BYTES = 65_536;
const FEED = 0x0a;

/** Lines `from` to `from + count - 1`, as many of them as there are and fit; at least one when there is any. */
export async function readLines(look: LogLook, from: number, count: number): Promise<SomeLines> {
  if (from > look.lines) return { style: (await look.index.entry(look.index.count - 1)).style, items: [], times: [] };
  const start = await lineStart(look, from);
  const items: LogLine[] = [];
  const last = Math.min(look.lines, from + Math.min(count, LINES_SENT_MOST) - 1);
  let ahead: Ahead = { at: start, data: Buffer.alloc(0) };
  let text = 0;
  for (let [n, at] = [from, start]; n <= last && text < TEXT_SENT_BYTES; n++) {
    ahead = await withLine(look, ahead, at);
    const found = shortLine(ahead, n, at) ?? (await longLine(look, n, at));
    items.push(found.line);
    text += Math.min(found.line.bytes, LINE_SENT_BYTES);
    at = found.next;
  }
  return { style: packStyle((await styleAt(look, start)).style), items, times: await timesOf(look, items) };
}

/** A piece of the log. */
interface Ahead {
  at: number;
  data: Buffer;
}

/** A piece of the log that holds the line at `at` to its end, if that is short. */
async function withLine({ bytes, end }: LogLook, ahead: Ahead, at: number): Promise<Ahead> {
  const kept = ahead.data.subarray(Math.min(at - ahead.at, ahead.data.length));
  const known = at + kept.length;
  if (kept.length > LINE_SENT_BYTES || known === end || kept.includes(FEED)) return { at, data: kept };
  return { at, data: Buffer.concat([kept, await bytes.read(known, Math.min(end, known + READ_BYTES))]) };
}

function shortLine({ data }: Ahead, n: number, offset: number): { line: LogLine; next: number } | null {
  const feed = data.indexOf(FEED);
  const bytes = feed === -1 ? data.length : feed;
  if (bytes > LINE_SENT_BYTES) return null;
  return { line: { n, offset, bytes, text: decodeLossy(data.subarray(0, bytes)) }, next: offset + bytes + 1 };
}

/** [n, at] where the time changes. */
async function timesOf({ index }: LogLook, items: readonly LogLine[]): Promise<[number, number][]> {
  const times: [number, number][] = [];
  let chunk = 0;
  for (const { n, offset } of items) {
    chunk = await index.first(({ end }) => end > offset, chunk);
    const { at_ms } = await index.entry(chunk);
    if (!Number.isNaN(at_ms) && at_ms !== times.at(-1)?.[1]) times.push([n, at_ms]);
  }
  return times;
}
