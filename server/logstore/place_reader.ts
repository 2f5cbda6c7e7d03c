/** A line of a log by its number, by a byte of it or by time. */
import { lineAt, lineStart, storedAt, type LogLook } from './line_places.ts';
import type { LogPlace, PlaceAsked } from './port.ts';

/** @param look into a log with a line at least. */
export async function findPlace(look: LogLook, asked: PlaceAsked): Promise<LogPlace> {
  const { n, offset } = await lineOf(look, asked);
  return { n, offset, at: await storedAt(look, offset) };
}

async function lineOf(look: LogLook, asked: PlaceAsked): Promise<{ n: number; offset: number }> {
  if ('offset' in asked) return await lineAt(look, Math.min(asked.offset, look.end - 1));
  const n = 'line' in asked ? asked.line : await firstLineSince(look, asked.at_ms);
  const within = Math.min(Math.max(n, 1), look.lines);
  return { n: within, offset: await lineStart(look, within) };
}

/** The first line whose first byte was stored at or after a time; beyond the last when there is none. */
async function firstLineSince({ index, bytes, lines }: LogLook, at_ms: number): Promise<number> {
  const chunk = await index.first((entry) => entry.at_ms >= at_ms);
  if (chunk === index.count) return lines;
  const before = await index.entry(chunk - 1);
  // The line that goes on in this chunk began earlier, so it is the next one.
  const begins = before.end === 0 || (await bytes.read(before.end - 1, before.end))[0] === 0x0a;
  return before.feeds + (begins ? 1 : 2);
}
