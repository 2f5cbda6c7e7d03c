/**
 * What the server says of a run's log over HTTP. Lines are numbered from 1; a line ends at its line feed, which is not part of its text. Offsets
 * and sizes are bytes of the file as it was written (masked), also where it is kept compressed. Times are ms since the epoch, of the moment the
 * output was stored.
 */
import * as z from 'zod/mini';
import { RunId } from './ids.ts';

const count = z.int().check(z.nonnegative());
const lineNumber = z.int().check(z.positive());

/** Foreground, background (-1 none, 0 to 255 the palette, from 0x1000000 on 24 bits), and flags: 1 bold, 2 dim, 4 italic, 8 underline, 16 inverse, 32 strike. */
export const PackedStyle = z.tuple([z.int(), z.int(), z.int()]);
export type PackedStyle = z.infer<typeof PackedStyle>;

export const LogLine = z.looseObject({
  n: lineNumber,
  /** Of its first byte. */
  offset: count,
  /** Of the whole line, without the line feed. */
  bytes: count,
  /** Lossy UTF-8, escape sequences and `\r` as they were written. */
  text: z.string(),
  /** The style after the whole line; present when `text` is not all of it. Of a line that was started over (by `\r`, or the cursor’s move to the first column), `text` begins after the last of them. */
  cut: z.optional(PackedStyle),
  /** Bytes of the line before `text` and the style they leave; present when there are any. */
  skipped: z.optional(z.looseObject({ bytes: count, style: PackedStyle })),
});
export type LogLine = z.infer<typeof LogLine>;

/** The extent of a log now. `lines` counts the one being written when it has a byte. */
const extent = { run_id: RunId, bytes: count, lines: count, closed: z.boolean() };

export const LogStatAnswer = z.looseObject({
  ...extent,
  /** Of the finished file. */
  sha256: z.optional(z.string()),
  /** Output that could not be stored. */
  lost_bytes: z.optional(count),
  first_at: z.nullable(z.number()),
  last_at: z.nullable(z.number()),
  /** The longest time without output so far, ms. */
  longest_pause_ms: count,
  /** Until when the log is kept at least, ms since the epoch, null without such a rule; and the rules, as a sentence. */
  kept_until: z.nullable(z.number()),
  kept_why: z.string(),
});
export type LogStatAnswer = z.infer<typeof LogStatAnswer>;

export const LinesAnswer = z.looseObject({
  ...extent,
  /** Before the first of `items`. */
  style: PackedStyle,
  items: z.array(LogLine),
  /** [n, at]: from line n on, lines were stored at `at`; the first is that of the first item. */
  times: z.array(z.tuple([lineNumber, z.number()])),
});
export type LinesAnswer = z.infer<typeof LinesAnswer>;

/** A place by line, byte or time: the line that holds the byte, or the first stored at or after the time; the last line where there is none. */
export const PlaceAnswer = z.looseObject({ ...extent, n: count, offset: count, at: z.nullable(z.number()) });
export type PlaceAnswer = z.infer<typeof PlaceAnswer>;

/** Lines that look like the reason of a failure, and foldable sections, as far as the log has been surveyed. */
export const MarksAnswer = z.looseObject({
  ...extent,
  /** Bytes surveyed so far. */
  surveyed: count,
  errors: z.looseObject({
    count,
    /** The first `ERROR_MARKS_MOST`. */
    items: z.array(z.looseObject({ n: lineNumber, offset: count, kind: z.string() })),
  }),
  /** `to` is the last line of the section, null while it is open. */
  sections: z.array(z.looseObject({ from: lineNumber, to: z.nullable(lineNumber), title: z.string(), depth: count })),
});
export type MarksAnswer = z.infer<typeof MarksAnswer>;

/** What is looked for. Colours are left out of the text, and of a line that was started over only what is left standing counts. */
export const LogQuery = z.strictObject({
  q: z.string().check(z.minLength(1, 'say what to look for'), z.maxLength(1_000)),
  mode: z._default(z.enum(['text', 'word', 'regex']), 'text'),
  case: z._default(z.enum(['ignore', 'match']), 'ignore'),
});
export type LogQuery = z.infer<typeof LogQuery>;

/** One line of the NDJSON stream of a search. `count` is of matching lines. */
export const SearchFrame = z.discriminatedUnion('type', [
  /** The first of them, in order; `k` is the number of the match, 0 for the first. */
  z.looseObject({ type: z.literal('hits'), items: z.array(z.looseObject({ k: count, n: lineNumber, offset: count })) }),
  z.looseObject({ type: z.literal('progress'), count, scanned: count, bytes: count }),
  /** `buckets`: matching lines by place, in parts of the file of equal size. */
  z.looseObject({ type: z.literal('done'), count, bytes: count, closed: z.boolean(), buckets: z.array(count) }),
  z.looseObject({ type: z.literal('error'), code: z.string(), message: z.string() }),
]);
export type SearchFrame = z.infer<typeof SearchFrame>;

/** Matching lines from match `k` on, or from the first at or after a line; with `context` the lines around them too, each line once. */
/** Of a log that is filtered. */
const filtered = {
  ...extent,
  /** Matching lines as far as the log has been searched. */
  count,
  /** Bytes searched so far. */
  scanned: count,
  /** Rows in all: matching lines and their context. */
  rows: count,
};

export const HitsAnswer = z.looseObject({
  ...filtered,
  items: z.array(z.looseObject({ row: count, k: z.nullable(count), style: PackedStyle, line: LogLine })),
});
export type HitsAnswer = z.infer<typeof HitsAnswer>;

/** Which lines stand in its rows. */
export const HitLinesAnswer = z.looseObject({ ...filtered, numbers: z.array(lineNumber) });
export type HitLinesAnswer = z.infer<typeof HitLinesAnswer>;

/** How long this step usually takes, and how long it usually is silent, from its last passed runs; null without history. Seconds. */
export const PaceAnswer = z.looseObject({
  run_id: RunId,
  usual: z.nullable(z.looseObject({ p50_s: z.number(), p90_s: z.number(), runs: count })),
  pause: z.nullable(z.looseObject({ usual_s: z.number(), runs: count })),
});
export type PaceAnswer = z.infer<typeof PaceAnswer>;
