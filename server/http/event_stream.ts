/**
 * The event log as server-sent events: `id: <epoch>:<seq_no>:<id>`, one envelope each. Its invariant: after the position the caller names,
 * every envelope once and in order. The log is the source and the bus only the bell, so that there is no seam between stored and live and
 * a slow reader costs one number: the text is made as the socket takes it. A position of another history, or one that was trimmed, is
 * answered with one `reset` event that says so, and goes on from the head; guessing would show a line that never was.
 */
import { encodePlain } from '../../src/shared/protocol/codec.ts';
import type { Envelope } from '../../src/shared/protocol/envelope.ts';
import type { Cursor } from '../bus/port.ts';
import { instant, type Clock } from '../clock.ts';
import { LogError, type EventLog } from '../eventlog/port.ts';

export const BEAT_INTERVAL_MS = 15_000;
const PAGE_EVENTS = 200;

export interface StreamPosition {
  seq_no: number;
  /** Null when only a number was given (`?after=`): then it is taken on trust. */
  history: { epoch: string; id: string } | null;
}

export interface StreamSource {
  log: Pick<EventLog, 'read' | 'bounds'>;
  bus: { subscribe(): Cursor<Envelope> };
  clock: Clock;
}

/** @returns null when it is not an id of ours. */
export function parseEventId(text: string): StreamPosition | null {
  const parts = /^([\x21-\x39\x3b-\x7e]{1,200}):(\d{1,15}):([\x21-\x39\x3b-\x7e]{1,64})$/.exec(text);
  if (parts === null) return null;
  const [, epoch = '', seq_no = '', id = ''] = parts;
  return { seq_no: Number(seq_no), history: { epoch, id } };
}

/** Ends when `signal` aborts or the bus closes. @param from null means from now on. */
export async function* eventStream(source: StreamSource, from: StreamPosition | null, signal: AbortSignal): AsyncGenerator<string> {
  const cursor = source.bus.subscribe();
  try {
    const { epoch, head } = source.log.bounds();
    const why = from === null ? null : await whyReset(source.log, from);
    let after = from === null || why !== null ? head : from.seq_no;
    // The first bytes open the stream in the browser; without any it would wait for the first event.
    yield why === null ? ': open\n\n' : `event: reset\ndata: ${JSON.stringify({ epoch, head: after, why })}\n\n`;
    for (;;) {
      drain(cursor);
      const { envelopes, upto } = await source.log.read(after, PAGE_EVENTS);
      for (const envelope of envelopes) yield `id: ${epoch}:${envelope.seq_no}:${envelope.id}\ndata: ${encodePlain(envelope)}\n\n`;
      after = Math.max(after, upto);
      if (envelopes.length > 0) continue;
      yield* beatsUntil(cursor, source.clock, signal);
      if (signal.aborted || cursor.tryReceive().type === 'closed') return;
    }
  } finally {
    cursor.close();
  }
}

async function whyReset(log: StreamSource['log'], from: StreamPosition): Promise<string | null> {
  const { epoch, head, floor } = log.bounds();
  if (from.history !== null && from.history.epoch !== epoch) return 'The event log has another history now.';
  if (from.seq_no > head) return 'The event log does not reach that far.';
  if (from.seq_no < floor) return 'That part of the event log was trimmed.';
  if (from.history === null || from.seq_no === 0 || from.seq_no === floor) return null;
  const [last] = await readOne(log, from.seq_no);
  return last?.id === from.history.id ? null : 'The event log has another history now.';
}

async function readOne(log: StreamSource['log'], seq_no: number): Promise<Envelope[]> {
  try {
    return (await log.read(seq_no - 1, 1)).envelopes;
  } catch (error) {
    // Trimmed between the question and the read: the same as not there.
    if (error instanceof LogError && error.code === 'below_floor') return [];
    throw error;
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
      cancel = clock.wakeAt(clock.now() + BEAT_INTERVAL_MS, () => resolve('beat'));
    });
    const first = await Promise.race([ready, beat]).finally(() => cancel());
    if (first === 'ready') return;
    yield `: ${instant(clock.now())}\n\n`;
  }
}
