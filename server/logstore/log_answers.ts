/** What is answered from the files of a log, open or closed: each opens them for itself and closes them again. */
import { PLAIN_PACKED } from '../../src/shared/output/packed_style.ts';
import { withIndex } from './index_reader.ts';
import type { LogLook } from './line_places.ts';
import { readLines } from './line_reader.ts';
import { openLogBytes, withLogBytes } from './log_bytes.ts';
import { findPlace } from './place_reader.ts';
import type { LogExtent, LogPlace, LogSource, PlaceAsked, SomeLines } from './port.ts';

export async function linesOfLog(source: LogSource, from: number, count: number): Promise<LogExtent & SomeLines> {
  // Without a line there may be no index: nobody has mended it.
  if (source.lines === 0) return { ...extentOf(source), style: PLAIN_PACKED, items: [], times: [] };
  return { ...extentOf(source), ...(await withLook(source, (look) => readLines(look, from, count))) };
}

export async function placeInLog(source: LogSource, asked: PlaceAsked): Promise<LogExtent & LogPlace> {
  if (source.lines === 0) return { ...extentOf(source), n: 1, offset: 0, at: null };
  return { ...extentOf(source), ...(await withLook(source, (look) => findPlace(look, asked))) };
}

/** Bytes [from, to), as far as there are. */
export async function* rangeOfLog(source: LogSource, from: number, to: number): AsyncGenerator<Buffer> {
  const log = await openLogBytes(source);
  try {
    yield* log.stream(from, Math.min(to, source.bytes));
  } finally {
    await log.close();
  }
}

function withLook<T>(source: LogSource, use: (look: LogLook) => Promise<T>): Promise<T> {
  return withIndex(source, (index) => withLogBytes(source, (bytes) => use({ index, bytes, end: source.bytes, lines: source.lines })));
}

function extentOf({ bytes, lines, closed }: LogSource): LogExtent {
  return { bytes, lines, closed };
}
