/**
 * The stored form of commits, the same in every driver: a row holds those of one append that stand next to each other, as one text, and a
 * hash over that text and the row before, so that a changed, missing or exchanged row shows when it is read.
 *
 * Why not a row for each commit: under load a row costs more than what is in it (an insert, a hash and a call to print it, some microseconds
 * of the one thread that also serves every viewer), and an append is all or nothing anyway. Why not a row for each append: looking up one
 * event reads and checks the whole row that holds it.
 */
import { hash } from 'node:crypto';
import { decodeCommits, encodeCommits } from '../../src/shared/protocol/codec.ts';
import { PROTOCOL_VERSION } from '../../src/shared/protocol/version.ts';
import '../quick_schemas.ts';
import { LogError, type Commit, type StoredCommit } from './port.ts';

export interface Row {
  first_seq: number;
  last_seq: number;
  /** Protocol version. */
  v: number;
  commits: string;
  hash: string;
}

/** What comes before the first row of a log. */
export const GENESIS_HASH = '0'.repeat(64);

/** The row that comes before, as far as the chain needs it. */
export interface Link {
  last_seq: number;
  hash: string;
}

export const ROW_COMMITS = 64;
/** A row of several commits is no longer; one commit is never divided, however long it is. */
export const ROW_CHARACTERS = 65_536;

/** The text is JSON and cannot hold a raw line break, so the joined text has one reading only. */
function hashOf({ first_seq, last_seq, v, commits }: Omit<Row, 'hash'>, prev_hash: string): string {
  return hash('sha256', `${prev_hash}${first_seq}\n${last_seq}\n${v}\n${commits}`);
}

/** The rows of one append, in order. @param before the newest row. */
export function seal(commits: readonly Commit[], before: Link): Row[] {
  const rows: Row[] = [];
  for (let from = 0; from < commits.length; from += ROW_COMMITS) {
    const some = from === 0 && commits.length <= ROW_COMMITS ? commits : commits.slice(from, from + ROW_COMMITS);
    sealInto(rows, some, before);
  }
  return rows;
}

function sealInto(rows: Row[], commits: readonly Commit[], before: Link): void {
  const text = encodeCommits(commits);
  if (text.length > ROW_CHARACTERS && commits.length > 1) {
    const half = commits.length >>> 1;
    sealInto(rows, commits.slice(0, half), before);
    sealInto(rows, commits.slice(half), before);
    return;
  }
  const [first, last] = [commits[0], commits.at(-1)];
  if (first === undefined || last === undefined) throw new Error('a row holds at least one commit');
  const form = { first_seq: first.first_seq, last_seq: last.first_seq + last.envelopes.length - 1, v: PROTOCOL_VERSION, commits: text };
  rows.push({ ...form, hash: hashOf(form, (rows.at(-1) ?? before).hash) });
}

/** @throws LogError `broken` when the row does not continue `before`, is not what was hashed, or cannot be read. */
export function unseal(row: Row, before: Link): StoredCommit[] {
  assertContinues(row.first_seq, before);
  if (hashOf(row, before.hash) !== row.hash) throw changed(row.first_seq);
  return readable(row, () => decodeCommits(row.commits, row.v).map((commit) => ({ ...commit, v: row.v })));
}

/** @throws LogError `broken` when something is missing before `first_seq`. */
export function assertContinues(first_seq: number, before: Link): void {
  if (first_seq !== before.last_seq + 1)
    throw new LogError('broken', `the commit after event ${before.last_seq} is missing from the event log`);
}

export function changed(first_seq: number): LogError {
  return new LogError('broken', `the commit at event ${first_seq}, or the one before it, was changed after it was stored`);
}

/** @throws LogError `broken` when `read` fails. */
export function readable<T>({ first_seq, last_seq }: { first_seq: number; last_seq: number }, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LogError('broken', `the commits at events ${first_seq} to ${last_seq} cannot be read: ${why}`, { cause });
  }
}
