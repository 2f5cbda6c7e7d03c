/** Where lines begin. Reads at most one chunk for each question (and a few bytes before it), wherever the line lies. */
import { unpackStyle } from '../../src/shared/output/packed_style.ts';
import type { IndexReader } from './index_reader.ts';
import type { LogBytes } from './log_bytes.ts';
import { PLAIN_OUTPUT, SEQUENCE_MOST_BYTES, styleThrough, type OutputStyle } from './output_style.ts';
import { feedsIn } from './tally.ts';

const FEED = 0x0a;

/** What is asked of a log, open for one answer. */
export interface LogLook {
  index: IndexReader;
  bytes: LogBytes;
  /** How far the log goes for this answer. */
  end: number;
  /** Lines up to there. */
  lines: number;
}

/** The byte line `n` begins at: that after the line feed of the line before. @param n from 1 to one more than there are line feeds. */
export async function lineStart({ index, bytes }: LogLook, n: number): Promise<number> {
  if (n <= 1) return 0;
  const chunk = await index.first(({ feeds }) => feeds >= n - 1);
  const before = await index.entry(chunk - 1);
  const data = await bytes.read(before.end, (await index.entry(chunk)).end);
  let at = -1;
  for (let feeds = before.feeds; feeds < n - 1; feeds++) at = data.indexOf(FEED, at + 1);
  return before.end + at + 1;
}

/** Number and beginning of the line that holds byte `offset`. A line feed belongs to the line it ends. */
export async function lineAt(look: LogLook, offset: number): Promise<{ n: number; offset: number }> {
  const { index, bytes } = look;
  const chunk = await index.first(({ end }) => end > offset);
  const before = await index.entry(chunk - 1);
  const data = await bytes.read(before.end, offset);
  const n = before.feeds + feedsIn(data) + 1;
  const feed = data.lastIndexOf(FEED);
  return { n, offset: feed === -1 ? await lineStart(look, n) : before.end + feed + 1 };
}

/** The style before byte `offset`. */
export async function styleAt({ index, bytes }: LogLook, offset: number): Promise<OutputStyle> {
  const chunk = await index.first(({ end }) => end >= offset);
  const before = await index.entry(chunk - 1);
  const from = Math.max(0, before.end - SEQUENCE_MOST_BYTES);
  const data = await bytes.read(from, offset);
  // A sequence may have been cut by the border of the chunks.
  const { open } = styleThrough(PLAIN_OUTPUT, data.subarray(0, before.end - from));
  return styleThrough({ style: unpackStyle(before.style), open }, data.subarray(before.end - from));
}

/** When byte `offset` was stored; null when that is not known. */
export async function storedAt({ index }: LogLook, offset: number): Promise<number | null> {
  const { at_ms } = await index.entry(await index.first(({ end }) => end > offset));
  return Number.isNaN(at_ms) ? null : at_ms;
}
