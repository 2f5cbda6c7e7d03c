/** What the index says of a log up to a byte, and what it becomes by the bytes that follow. */
import { packStyle } from '../../src/shared/output/packed_style.ts';
import type { IndexEntry } from './log_index.ts';
import { PLAIN_OUTPUT, styleThrough, type OutputStyle } from './output_style.ts';

export interface Tally {
  end: number;
  feeds: number;
  output: OutputStyle;
  /** The last byte is no line feed: a line is being written. */
  in_line: boolean;
}

export const NOTHING_YET: Tally = { end: 0, feeds: 0, output: PLAIN_OUTPUT, in_line: false };

const FEED = 0x0a;

export function tallied({ end, feeds, output, in_line }: Tally, data: Buffer): Tally {
  const { style, open, feeds: more } = styleThrough(output, data);
  return {
    end: end + data.length,
    feeds: feeds + more,
    output: { style, open },
    in_line: data.length === 0 ? in_line : data.at(-1) !== FEED,
  };
}

/** Lines, the one being written among them. */
export function linesOf({ feeds, in_line }: Pick<Tally, 'feeds' | 'in_line'>): number {
  return feeds + (in_line ? 1 : 0);
}

export function entryOf({ end, feeds, output }: Tally, at_ms: number): IndexEntry {
  return { end, feeds, at_ms, style: packStyle(output.style) };
}

export function feedsIn(data: Buffer): number {
  let feeds = 0;
  // Faster than looking for the next one: lines are short.
  for (let at = 0; at < data.length; at++) if (data[at] === FEED) feeds++;
  return feeds;
}
