/** Whether a client may go on from where it was: the same history, and not trimmed. Else it gets a snapshot. */
import { LogError, type EventLog } from '../eventlog/port.ts';

export interface ResumePoint {
  epoch: string | null;
  after: number | null;
  id: string | null;
}

/** @returns the position to replay from, or null. */
export async function replayFrom(log: Pick<EventLog, 'read' | 'bounds'>, { epoch, after, id }: ResumePoint): Promise<number | null> {
  if (after === null || epoch !== log.bounds().epoch) return null;
  // Before the first event there is nothing to compare, and no other history to mistake it for.
  if (after === 0) return 0;
  // Beyond the head there is no id, so that is another history too.
  return (await idAt(log, after)) === id ? after : null;
}

async function idAt(log: Pick<EventLog, 'read'>, seq_no: number): Promise<string | undefined> {
  try {
    return (await log.read(seq_no - 1, 1)).envelopes[0]?.id;
  } catch (error) {
    // Trimmed: what comes next is missing, or cannot be compared.
    if (error instanceof LogError && error.code === 'below_floor') return undefined;
    throw error;
  }
}
