/** Stored commits are never rewritten: a file of every shape there has ever been, read by this program. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { decodeEnvelopes, encodeEnvelopes } from './codec.ts';
import { assertWritable, isKnown } from './envelope.ts';
import { KINDS } from './events/event.ts';
import { upcast } from './upcast.ts';
import { PROTOCOL_VERSION } from './version.ts';

const versions = Array.from({ length: PROTOCOL_VERSION }, (_, n) => n + 1);
const stored = (v: number): string[] =>
  readFileSync(new URL(`golden/v${v}.jsonl`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n');

test.each(versions)('every envelope that protocol %i stored can be read', (v) => {
  for (const line of stored(v)) expect(() => decodeEnvelopes(`[${line}]`, v), line).not.toThrow();
});

test('what the present protocol stored loses nothing when it is read and printed; only the order of its fields may change', () => {
  for (const line of stored(PROTOCOL_VERSION))
    expect(JSON.parse(encodeEnvelopes(decodeEnvelopes(`[${line}]`, PROTOCOL_VERSION)))).toEqual([JSON.parse(line)]);
});

test('the newest file holds every kind this program writes, and one it does not know', () => {
  const envelopes = stored(PROTOCOL_VERSION).flatMap((line) => decodeEnvelopes(`[${line}]`, PROTOCOL_VERSION));
  const kinds = new Set(envelopes.map((e) => e.kind));
  expect(KINDS.filter((kind) => !kinds.has(kind))).toEqual([]);
  expect(envelopes.filter((e) => !isKnown(e))).toHaveLength(1);
  for (const envelope of envelopes) if (isKnown(envelope)) expect(() => assertWritable(envelope)).not.toThrow();
});

test('what a later program stored is refused, not guessed at', () => {
  expect(() => upcast({ kind: 'rollback' }, PROTOCOL_VERSION + 1, PROTOCOL_VERSION)).toThrow(RangeError);
  expect(() => decodeEnvelopes('[{"kind":"rollback"}]', PROTOCOL_VERSION + 1)).toThrow('upgrade Signalbox');
});

test('a shape that has not changed is left alone', () => {
  const envelope = { kind: 'rollback' };
  expect(upcast(envelope, PROTOCOL_VERSION, PROTOCOL_VERSION)).toBe(envelope);
  expect(upcast(envelope, 0, PROTOCOL_VERSION)).toBe(envelope);
});
