/** The few words in which tests speak of event logs. */
import { expect } from 'vitest';
import { readEnvelope, type Envelope } from '../../src/shared/protocol/envelope.ts';
import type { Commit, EventLog, LogErrorCode, LogSubscription } from './port.ts';

export function anEnvelope(seq_no: number, project = 'hello'): Envelope {
  const stamp = { seq_no, id: `id-${seq_no}`, at: '2026-11-14T02:03:11.004Z', project, actor: 'system:pipeline' };
  return readEnvelope(
    seq_no % 2 === 1
      ? { ...stamp, kind: 'merge_failure', story_id: `s${seq_no}`, reason: 'é\n"' }
      : { ...stamp, kind: 'backup_fetched', source: 'db', byte_size: seq_no },
  );
}

/** A commit of `count` envelopes that begins at `first_seq`. */
export function aCommit(first_seq: number, count = 1, more: Partial<Commit> = {}): Commit {
  return { first_seq, envelopes: Array.from({ length: count }, (_, i) => anEnvelope(first_seq + i)), ...more };
}

/** Appends commits of these sizes to what is there. */
export async function appendSizes(log: EventLog, ...sizes: number[]): Promise<void> {
  const expect_head = log.bounds().head;
  let next = expect_head + 1;
  const commits = sizes.map((size) => {
    const commit = aCommit(next, size);
    next += size;
    return commit;
  });
  await log.append(commits, { expect_head });
}

/** Appends commits of these sizes one after another, so that each is stored for itself. */
export async function appendEach(log: EventLog, ...sizes: number[]): Promise<void> {
  for (const size of sizes) await appendSizes(log, size);
}

export function failsWith(code: LogErrorCode): unknown {
  return expect.objectContaining({ name: 'LogError', code });
}

export const numbersOf = (envelopes: readonly Envelope[]): number[] => envelopes.map(({ seq_no }) => seq_no);

/** The numbers of the next `commits` commits. */
export async function take(subscription: LogSubscription, commits: number): Promise<number[]> {
  const seen: number[] = [];
  for (let i = 0; i < commits; i++) seen.push(...numbersOf((await subscription.next()).envelopes));
  return seen;
}
