/** What every driver refuses before it touches its storage. */
import { LogError, type Commit } from './port.ts';

/** @throws LogError `conflict` when the commits do not continue `head` without a hole. */
export function assertContinues(commits: readonly Commit[], head: number, expect_head: number): void {
  if (expect_head !== head) throw new LogError('conflict', `the event log is at ${head}, not at ${expect_head}`);
  let last = head;
  for (const { first_seq, envelopes } of commits) {
    if (envelopes.length === 0) throw new LogError('conflict', `the commit at ${first_seq} is empty`);
    if (first_seq !== last + 1) throw new LogError('conflict', `the commit at ${first_seq} does not continue ${last}`);
    for (const envelope of envelopes) {
      if (envelope.seq_no !== last + 1) throw new LogError('conflict', `event ${envelope.seq_no} does not continue ${last}`);
      last += 1;
    }
  }
}

/** A consumer has dealt with what is stored, not with what may come. @throws RangeError otherwise. */
export function assertPosition(seq_no: number, head: number): void {
  if (!Number.isSafeInteger(seq_no) || seq_no < 0 || seq_no > head)
    throw new RangeError(`${seq_no} is no position in an event log that ends at ${head}`);
}
