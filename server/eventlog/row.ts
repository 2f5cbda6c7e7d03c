/**
 * The stored form of a commit, the same in every driver, and the hash chain over it: each row's hash covers the hash before it and all
 * the row's text, so that a changed, missing or exchanged row shows when it is read.
 */
import { hash } from 'node:crypto';
import { decodeAnswer, decodeEnvelopes, encodeAnswer, encodeEnvelopes } from '../../src/shared/protocol/codec.ts';
import { PROTOCOL_VERSION } from '../../src/shared/protocol/version.ts';
import { LogError, type Commit, type StoredCommit } from './port.ts';

export interface Row {
  first_seq: number;
  last_seq: number;
  envelopes: string;
  key: string | null;
  body_hash: string | null;
  answer: string | null;
  v: number;
  prev_hash: string;
  hash: string;
}

/** `prev_hash` of the first row of a log. */
export const GENESIS_HASH = '0'.repeat(64);

/** The row that comes before, as far as the chain needs it. */
export interface Link {
  last_seq: number;
  hash: string;
}

/** None of the texts can hold a raw line break (JSON, hex, printable characters), so the joined text has one reading only. */
function hashOf(row: Omit<Row, 'hash'>): string {
  const text = [row.first_seq, row.last_seq, row.v, row.key ?? '', row.body_hash ?? '', row.answer ?? '', row.envelopes].join('\n');
  return hash('sha256', row.prev_hash + text);
}

export function seal(commit: Commit, prev_hash: string): Row {
  const row = {
    first_seq: commit.first_seq,
    last_seq: commit.first_seq + commit.envelopes.length - 1,
    envelopes: encodeEnvelopes(commit.envelopes),
    key: commit.key ?? null,
    body_hash: commit.body_hash ?? null,
    answer: commit.answer === undefined ? null : encodeAnswer(commit.answer),
    v: PROTOCOL_VERSION,
    prev_hash,
  };
  return { ...row, hash: hashOf(row) };
}

/** @throws LogError `broken` when the row does not continue `before`, is not what was hashed, or cannot be read. */
export function unseal(row: Row, before: Link): StoredCommit {
  const { first_seq, last_seq, key, body_hash, answer, v, prev_hash } = row;
  if (first_seq !== before.last_seq + 1)
    throw new LogError('broken', `the commit after event ${before.last_seq} is missing from the event log`);
  if (prev_hash !== before.hash || hashOf(row) !== row.hash)
    throw new LogError('broken', `the commit at event ${first_seq} was changed after it was stored`);
  try {
    return {
      first_seq,
      envelopes: decodeEnvelopes(row.envelopes, v),
      ...(key === null ? {} : { key }),
      ...(body_hash === null ? {} : { body_hash }),
      ...(answer === null ? {} : { answer: decodeAnswer(answer) }),
      v,
      prev_hash,
      hash: row.hash,
    };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LogError('broken', `the commit at events ${first_seq} to ${last_seq} cannot be read: ${why}`, { cause });
  }
}
