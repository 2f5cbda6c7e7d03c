/**
 * Goes through the bytes of a log for its marks, from the start of a line on, and feeds a `MarkReader` only the lines with a word that matters: the
 * rest is passed over as bytes. What it finds is what reading every line would find.
 */
import type { MarkReader } from '../../../src/shared/output/mark_reader.ts';
import { bodyEnd, standingBegin } from '../../../src/shared/output/standing.ts';
import { DIAGNOSIS_TRIGGERS, SECTION_TRIGGERS } from '../../../src/shared/output/trigger_words.ts';
import type { LogBytes } from '../log_bytes.ts';
import { triggerScan } from './trigger_scan.ts';

export const SURVEY_READ_BYTES = 1_048_576;
/** Of a longer line its beginning is looked at, or its end where that was started over; what starts it over further back is not seen. */
export const LINE_READ_BYTES = 16_384;
/** `ESC[1G` right before what is looked at. */
const START_OVER_BYTES = 4;
const LINE_FEED = 10;

/** With the line feed before what is read. A thread does one survey at a time, so there is one. */
const TRIGGERS = triggerScan([...DIAGNOSIS_TRIGGERS, ...SECTION_TRIGGERS], SURVEY_READ_BYTES + 1);

/** Where the survey stands: at the start of a line. */
export interface SurveyPlace {
  offset: number;
  /** The number of the line that begins there. */
  n: number;
  /** So far no line feed was met from `offset` on. */
  no_feed_to: number;
}

export const SURVEY_START: SurveyPlace = { offset: 0, n: 1, no_feed_to: 0 };

export interface Stretch {
  log: Pick<LogBytes, 'read'>;
  /** The log's size now. */
  bytes: number;
  closed: boolean;
  cancelled: () => boolean;
}

/** Reads on to the last whole line, and to the end of a closed log. @returns where it stopped, which is earlier when it was cancelled. */
export async function surveyBytes(reader: MarkReader, from: SurveyPlace, stretch: Stretch): Promise<SurveyPlace> {
  const { log, bytes, closed, cancelled } = stretch;
  let { offset, n, no_feed_to } = from;
  while (offset < bytes && !cancelled()) {
    // With the line feed before it, so that the words that start a line are found in the first line too.
    const begin = Math.max(0, offset - 1);
    const block = TRIGGERS.put(await log.read(begin, Math.min(offset + SURVEY_READ_BYTES, bytes), TRIGGERS.room));
    const end = block.lastIndexOf(LINE_FEED) + 1;
    if (begin + end > offset) {
      n = readLines(reader, { block, begin, from: offset - begin, to: end }, n);
      offset = begin + end;
      continue;
    }
    const feed = await nextFeed(Math.max(no_feed_to, begin + block.length), stretch);
    if (cancelled()) break;
    if (feed === null && !closed) {
      no_feed_to = bytes;
      break;
    }
    const line_end = feed ?? bytes;
    reader.read(n, offset, await longLine(log, offset, line_end));
    n++;
    offset = Math.min(line_end + 1, bytes);
  }
  return { offset, n, no_feed_to };
}

/** Whole lines [from, to) of a block that begins at byte `begin` of the log. @returns the number of the line after them. */
function readLines(
  reader: MarkReader,
  { block, begin, from, to }: { block: Buffer; begin: number; from: number; to: number },
  first: number,
): number {
  let n = first;
  let at = from;
  // Nothing stands before the first line of a log, so its start is not found.
  let look = begin === 0;
  while (at < to) {
    if (!look && !reader.attentive) {
      const word = TRIGGERS.next(block, Math.max(0, at - 1), to);
      if (word === -1) return n + TRIGGERS.feeds(block, at, to);
      // A word that begins with a line feed is one of the line after it.
      const within = block[word] === LINE_FEED ? word + 1 : word;
      const line = within === 0 ? 0 : block.lastIndexOf(LINE_FEED, within - 1) + 1;
      n += TRIGGERS.feeds(block, at, line);
      at = line;
    }
    look = false;
    const end = block.indexOf(LINE_FEED, at);
    reader.read(n++, begin + at, lineText(block.subarray(at, end)));
    at = end + 1;
  }
  return n;
}

function lineText(line: Buffer): string {
  if (line.length <= LINE_READ_BYTES) return line.toString('utf8');
  return oneOf(line.subarray(0, LINE_READ_BYTES), line.subarray(line.length - LINE_READ_BYTES - START_OVER_BYTES));
}

async function longLine(log: Stretch['log'], from: number, to: number): Promise<string> {
  const head = await log.read(from, Math.min(from + LINE_READ_BYTES, to));
  return oneOf(
    head,
    to - from <= LINE_READ_BYTES ? Buffer.alloc(0) : await log.read(Math.max(from, to - LINE_READ_BYTES - START_OVER_BYTES), to),
  );
}

function oneOf(head: Buffer, tail: Buffer): string {
  const bytes = tail.toString('latin1');
  const stands = standingBegin(bytes, bodyEnd(bytes));
  return stands === 0 ? head.toString('utf8') : tail.toString('utf8', stands);
}

async function nextFeed(from: number, { log, bytes, cancelled }: Stretch): Promise<number | null> {
  for (let at = from; at < bytes && !cancelled(); at += SURVEY_READ_BYTES) {
    const found = (await log.read(at, Math.min(at + SURVEY_READ_BYTES, bytes), TRIGGERS.room)).indexOf(LINE_FEED);
    if (found !== -1) return at + found;
  }
  return null;
}
