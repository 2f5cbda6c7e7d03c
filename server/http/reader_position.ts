/**
 * Where a reader over HTTP says to be in the event log, and whether it may go on from there. A list from a place that is not in this log would
 * be silently short: so a position beyond the head, of another epoch or with another envelope at its number is of another history, and one
 * below the floor lacks what was trimmed. Both are said; neither is guessed around.
 */
import { LogError, type EventLog } from '../eventlog/port.ts';

export interface ReaderPosition {
  seq_no: number;
  /** Null when the reader did not say: then it is taken on trust. */
  epoch: string | null;
  /** Of the envelope at `seq_no`; null as with `epoch`. */
  id: string | null;
}

export type Standing =
  | { type: 'ours' }
  | { type: 'other_history'; why: string }
  /** Events up to `floor` are not kept. */
  | { type: 'trimmed'; floor: number; why: string };

export async function standingOf(log: Pick<EventLog, 'read' | 'bounds'>, { seq_no, epoch, id }: ReaderPosition): Promise<Standing> {
  const bounds = log.bounds();
  if (epoch !== null && epoch !== bounds.epoch) return other(`The event log has another history now, ${bounds.epoch}.`);
  if (seq_no > bounds.head) return other(`The event log ends at ${bounds.head} and does not reach ${seq_no}: that is of another history.`);
  if (seq_no < bounds.floor) return trimmed(bounds.floor);
  // Before the first event there is nothing to compare, and no other history to mistake it for.
  if (id === null || seq_no === 0) return { type: 'ours' };
  if (seq_no === bounds.floor) return other(`The event at ${seq_no} was trimmed, so it cannot be told whether this is the same history.`);
  try {
    const [last] = (await log.read(seq_no - 1, 1)).envelopes;
    return last?.id === id ? { type: 'ours' } : other(`The event log has another history now: its event ${seq_no} is another one.`);
  } catch (error) {
    // Trimmed between the question and the read.
    if (error instanceof LogError && error.code === 'below_floor') return trimmed(log.bounds().floor);
    throw error;
  }
}

export function trimmed(floor: number): Extract<Standing, { type: 'trimmed' }> {
  return { type: 'trimmed', floor, why: `The event log was trimmed: it begins after ${floor}.` };
}

function other(why: string): Standing {
  return { type: 'other_history', why };
}
