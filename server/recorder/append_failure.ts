/** What a failed append means for those who wait for it. */
import { LogError } from '../eventlog/port.ts';
import { Failure } from '../failure.ts';

export function failureOf(error: unknown): Failure {
  const cause = { cause: error };
  if (error instanceof LogError && error.code === 'full') {
    return new Failure('storage_full', 'The disk of the server is full, so nothing was recorded. Free some space and try again.', cause);
  }
  if (error instanceof LogError && error.code === 'broken') {
    return new Failure(
      'unavailable',
      'The event log of the server is damaged or its disk failed, so nothing was recorded. Check the disk, then start the server again.',
      cause,
    );
  }
  return new Failure(
    'unavailable',
    'The event log of the server could not be written, so nothing was recorded. The server log says why.',
    cause,
  );
}

/** A commit whose sync failed may be in the WAL all the same, and the next start may find it there. */
export function inDoubt(cause?: unknown): Failure {
  return new Failure(
    'in_doubt',
    'The disk of the server failed while this was being recorded. Whether it was recorded shows after the next start: check the disk, then start the server again.',
    { cause },
  );
}
