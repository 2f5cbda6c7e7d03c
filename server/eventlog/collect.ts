/** `read` over any source of commits in order: filters, counts, and says how far it came. */
import type { Envelope } from '../../src/shared/protocol/envelope.ts';
import { LogError, READ_LIMIT, type ReadFilter, type StoredCommit } from './port.ts';

/** Commits one `read` looks at before it answers with what it has: a rare kind in a long log must not hold the event loop. */
export const SCAN_COMMITS = 5_000;

function matches(envelope: Envelope, { project, kinds }: ReadFilter): boolean {
  return (project === undefined || envelope.project === project) && (kinds === undefined || kinds.includes(envelope.kind));
}

/** @throws LogError `below_floor`; RangeError for a limit that is not 1 to READ_LIMIT. */
export function assertReadable(after: number, limit: number, floor: number): void {
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > READ_LIMIT)
    throw new RangeError(`a read is limited to 1 to ${READ_LIMIT}, not ${limit}`);
  if (after < floor) throw new LogError('below_floor', `events up to ${floor} are no longer kept`);
}

/** @param commits begin with the one that holds `after` + 1; about SCAN_COMMITS of them. */
export function collect(
  commits: Iterable<StoredCommit>,
  after: number,
  limit: number,
  filter: ReadFilter,
): { envelopes: Envelope[]; upto: number } {
  const envelopes: Envelope[] = [];
  let upto = after;
  for (const commit of commits) {
    for (const envelope of commit.envelopes) {
      if (envelope.seq_no <= after) continue;
      upto = envelope.seq_no;
      if (matches(envelope, filter)) envelopes.push(envelope);
      if (envelopes.length === limit) return { envelopes, upto };
    }
  }
  return { envelopes, upto };
}
