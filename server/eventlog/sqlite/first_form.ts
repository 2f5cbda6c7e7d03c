/**
 * Rows of schema 1, one for each commit with its parts in columns: read for ever, written no more. They stay as they were stored, in their own
 * table, and the rows of schema 2 go on with their chain: rewriting them would put the only copy of history, and the anchor that vouches for
 * it, at stake for the sake of tidiness.
 */
import { hash } from 'node:crypto';
import { decodeAnswer, decodeEnvelopes } from '../../../src/shared/protocol/codec.ts';
import type { StoredCommit } from '../port.ts';
import { assertContinues, changed, readable, type Link } from '../row.ts';
import { integer, text, textOrNull, type Columns } from './columns.ts';

export const FIRST_FORM_COLUMNS = 'first_seq, last_seq, envelopes, key, body_hash, answer, v, prev_hash, hash';

/** @throws LogError `broken` when the row does not continue `before`, is not what was hashed, or cannot be read. */
export function unsealFirstForm(record: Columns, before: Link): StoredCommit {
  const [first_seq, last_seq, v] = [integer(record, 'first_seq'), integer(record, 'last_seq'), integer(record, 'v')];
  const [key, body_hash, answer] = [textOrNull(record, 'key'), textOrNull(record, 'body_hash'), textOrNull(record, 'answer')];
  const envelopes = text(record, 'envelopes');
  assertContinues(first_seq, before);
  const prev_hash = text(record, 'prev_hash');
  const hashed = hash('sha256', prev_hash + [first_seq, last_seq, v, key ?? '', body_hash ?? '', answer ?? '', envelopes].join('\n'));
  if (prev_hash !== before.hash || hashed !== text(record, 'hash')) throw changed(first_seq);
  return readable({ first_seq, last_seq }, () => ({
    first_seq,
    envelopes: decodeEnvelopes(envelopes, v),
    ...(key === null ? {} : { key }),
    ...(body_hash === null ? {} : { body_hash }),
    ...(answer === null ? {} : { answer: decodeAnswer(answer) }),
    v,
  }));
}
