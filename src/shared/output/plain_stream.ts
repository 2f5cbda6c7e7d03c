/**
 * A log as its readers see it, piece by piece: of every line what is left standing, without escape sequences and control characters (`stripBytes` of each
 * line). Needs bounded memory whatever the log holds: a line that is too long to be held is read twice, once to find where what stands of it begins.
 */
import { joinedBytes } from './joined_bytes.ts';
import { isIntermediate, isParameter, beginsString, BRACKET, ESC } from './sequence.ts';
import { StandingScan } from './standing_scan.ts';
import { stripBytes } from './strip_bytes.ts';

/** A longer line is read twice. */
const LINE_HELD_BYTES = 1_048_576;
/** Of a sequence without end no more is held. */
const SEQUENCE_HELD_BYTES = 65_536;
const LINE_FEED = 0x0a;
const C1_LEAD = 0xc2;

/** Bytes [from, to) of the log, in pieces. */
type ReadPieces = (from: number, to: number) => AsyncIterable<Uint8Array>;

interface HeldBounds {
  line_bytes: number;
  sequence_bytes: number;
}

const HELD: HeldBounds = { line_bytes: LINE_HELD_BYTES, sequence_bytes: SEQUENCE_HELD_BYTES };

/** @param from the beginning of a line. */
export async function* plainStream(read: ReadPieces, from: number, to: number, bounds = HELD): AsyncGenerator<Uint8Array> {
  for (let at = from; at < to;) {
    const long = yield* shortLines(read, at, to, bounds.line_bytes);
    if (long === null) return;
    const line = await standingPart(read, long, to);
    yield* withoutSequences(read(line.from, line.to), bounds.sequence_bytes);
    if (line.feed) yield Uint8Array.of(LINE_FEED);
    at = line.next;
  }
}

/** @returns where a line begins that is too long to be held; null at the end. */
async function* shortLines(read: ReadPieces, from: number, to: number, most: number): AsyncGenerator<Uint8Array, number | null> {
  let held: Uint8Array = new Uint8Array(0);
  let begin = from;
  for await (const piece of read(from, to)) {
    const all = joinedBytes(held, piece);
    const end = all.lastIndexOf(LINE_FEED) + 1;
    if (end > 0) yield stripBytes(all.subarray(0, end));
    begin += end;
    held = all.subarray(end);
    if (held.length > most) return begin;
  }
  if (held.length > 0) yield stripBytes(held);
  return null;
}

interface StandingPart {
  from: number;
  to: number;
  feed: boolean;
  /** Where the next line begins. */
  next: number;
}

async function standingPart(read: ReadPieces, line: number, to: number): Promise<StandingPart> {
  const scan = new StandingScan(line);
  let at = line;
  for await (const piece of read(line, to)) {
    const feed = piece.indexOf(LINE_FEED);
    scan.add(feed === -1 ? piece : piece.subarray(0, feed));
    if (feed !== -1) return { to: scan.end(), from: scan.from, feed: true, next: at + feed + 1 };
    at += piece.length;
  }
  return { to: scan.end(), from: scan.from, feed: false, next: at };
}

/** A part of a line, without its sequences, wherever the pieces are cut. */
async function* withoutSequences(pieces: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Uint8Array> {
  let held: Uint8Array = new Uint8Array(0);
  for await (const piece of pieces) {
    const all = joinedBytes(held, piece);
    const end = finishedUpTo(all);
    const shown = stripBytes(all.subarray(0, end));
    if (shown.length > 0) yield shown;
    held = Uint8Array.from(all.subarray(end));
    if (held.length > most) held = shortened(held);
  }
  const shown = stripBytes(held);
  if (shown.length > 0) yield shown;
}

/** Where a sequence or a control of two bytes begins that goes on behind the data; its length when none does. */
function finishedUpTo(data: Uint8Array): number {
  const at = data.lastIndexOf(ESC);
  if (at !== -1 && goesOn(data, at)) return at;
  return data.at(-1) === C1_LEAD ? data.length - 1 : data.length;
}

function goesOn(data: Uint8Array, at: number): boolean {
  const kind = data[at + 1];
  if (kind === undefined) return true;
  let end = at + 1;
  if (beginsString(kind)) return !data.includes(0x07, at);
  if (kind === BRACKET) for (end = at + 2; isParameter(data[end] ?? 0);) end++;
  while (isIntermediate(data[end] ?? 0)) end++;
  return end === data.length;
}

/** What is in a sequence does not matter, only of what kind it is and how it may go on. */
function shortened(held: Uint8Array): Uint8Array {
  return Uint8Array.of(held[0] ?? 0, held[1] ?? 0, held.at(-1) ?? 0);
}
