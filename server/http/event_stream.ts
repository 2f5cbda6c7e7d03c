/**
 * The event log as server-sent events: `id: <epoch>:<seq_no>:<id>`, one envelope each. Its invariant: after the position the caller names,
 * every envelope once and in order. The log is the source and the bus only the bell, so that there is no seam between stored and live and
 * a slow reader costs one number and one piece of text: the next is made when the socket has taken the one before. A position of another
 * history is answered with one `reset` event that says so, and the stream goes on from the head; what was trimmed is named in a `history_gap`
 * event, also when it was trimmed under a reader that is slow, and the stream goes on behind it. Guessing would show a line that never was.
 */
import { encodePlain } from '../../src/shared/protocol/codec.ts';
import type { Envelope } from '../../src/shared/protocol/envelope.ts';
import type { Cursor } from '../bus/port.ts';
import { instant, type Clock } from '../clock.ts';
import { LogError, type EventLog } from '../eventlog/port.ts';
import { standingOf, trimmed, type ReaderPosition } from './reader_position.ts';

export const BEAT_INTERVAL_MS = 15_000;
/** Read from the log at a time: at first, and at most. */
const [FIRST_EVENTS, MOST_EVENTS] = [16, 256];
/** A piece ends with the event that makes it so long. Two wait for one reader at most. */
const PIECE_CHARACTERS = 64 * 1024;

export interface StreamSource {
  log: Pick<EventLog, 'read' | 'bounds'>;
  bus: { subscribe(): Cursor<Envelope> };
  clock: Clock;
}

/** @returns null when it is not an id of ours. */
export function parseEventId(text: string): ReaderPosition | null {
  const parts = /^([\x21-\x39\x3b-\x7e]{1,200}):(\d{1,15}):([\x21-\x39\x3b-\x7e]{1,64})$/.exec(text);
  if (parts === null) return null;
  const [, epoch = '', seq_no = '', id = ''] = parts;
  return { seq_no: Number(seq_no), epoch, id };
}

/** Ends when `signal` aborts or the bus closes. @param from null means from now on. */
export async function* eventStream(source: StreamSource, from: ReaderPosition | null, signal: AbortSignal): AsyncGenerator<string> {
  const cursor = source.bus.subscribe();
  try {
    const { epoch } = source.log.bounds();
    const start = await startOf(source.log, from);
    let { after } = start;
    let limit = FIRST_EVENTS;
    yield start.text;
    for (;;) {
      drain(cursor);
      const piece = await nextPiece(source.log, after, limit, epoch);
      after = Math.max(after, piece.upto);
      // What was read beyond the piece is read again: kept, it would be held for as long as the reader takes.
      limit = Math.min(Math.max(FIRST_EVENTS, piece.events * 2), MOST_EVENTS);
      if (piece.text !== '') {
        yield piece.text;
        continue;
      }
      yield* beatsUntil(cursor, source.clock, signal);
      if (signal.aborted || cursor.tryReceive().type === 'closed') return;
    }
  } finally {
    cursor.close();
  }
}

/** Where it begins, and what is said first: the first bytes open the stream in the browser; without any it would wait for the first event. */
async function startOf(log: StreamSource['log'], from: ReaderPosition | null): Promise<{ after: number; text: string }> {
  const standing = from === null ? null : await standingOf(log, from);
  const { epoch, floor, head } = log.bounds();
  if (from === null || standing === null) return { after: head, text: ': open\n\n' };
  switch (standing.type) {
    case 'ours':
      return { after: from.seq_no, text: ': open\n\n' };
    case 'trimmed':
      return { after: standing.floor, text: gapText(from.seq_no, standing.floor) };
    case 'other_history':
      return { after: head, text: `event: reset\ndata: ${JSON.stringify({ epoch, head, floor, why: standing.why })}\n\n` };
    default:
      return standing satisfies never;
  }
}

/** Shaped like the event of that name: `from` to `to` are not there any more. */
function gapText(after: number, floor: number): string {
  return `event: history_gap\ndata: ${JSON.stringify({ from: after + 1, to: floor, why: trimmed(floor).why })}\n\n`;
}

interface Piece {
  /** '' when there is nothing after `upto`. */
  text: string;
  upto: number;
  events: number;
}

async function nextPiece(log: StreamSource['log'], after: number, limit: number, epoch: string): Promise<Piece> {
  try {
    const { envelopes, upto } = await log.read(after, limit);
    const piece: Piece = { text: '', upto: envelopes.length === 0 ? upto : after, events: 0 };
    for (const envelope of envelopes) {
      if (piece.text.length >= PIECE_CHARACTERS) break;
      piece.text += `id: ${epoch}:${envelope.seq_no}:${envelope.id}\ndata: ${encodePlain(envelope)}\n\n`;
      piece.upto = envelope.seq_no;
      piece.events++;
    }
    return piece;
  } catch (error) {
    if (!(error instanceof LogError) || error.code !== 'below_floor') throw error;
    const { floor } = log.bounds();
    return { text: gapText(after, floor), upto: floor, events: 0 };
  }
}

function drain(cursor: Cursor<Envelope>): void {
  for (;;) {
    const { type } = cursor.tryReceive();
    if (type === 'empty' || type === 'closed') return;
  }
}

/** Yields a comment now and then, so that proxies and half-open sockets show themselves, until the cursor has something. */
async function* beatsUntil(cursor: Cursor<Envelope>, clock: Clock, signal: AbortSignal): AsyncGenerator<string> {
  // It rejects only when aborted, and then the caller looks at the signal.
  const ready = cursor.ready(signal).then(
    () => 'ready' as const,
    () => 'ready' as const,
  );
  for (;;) {
    let cancel = (): void => {};
    const beat = new Promise<'beat'>((resolve) => {
      cancel = clock.after(BEAT_INTERVAL_MS, () => resolve('beat'));
    });
    const first = await Promise.race([ready, beat]).finally(() => cancel());
    if (first === 'ready') return;
    yield `: ${instant(clock.now())}\n\n`;
  }
}
