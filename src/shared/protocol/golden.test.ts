/**
 * The fifteen kinds we took over, read by a client that knows nothing of ours: it was written from their description alone, and stays as it
 * is. When it goes red, a client out there has stopped working.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { decodeEnvelopes } from './codec.ts';
import { Chunk } from './events/chunk.ts';

type Field = 'string' | 'number' | 'object';
const SANDO: Readonly<Record<string, Readonly<Record<string, Field>>>> = {
  rebuild_requested: { sha: 'string' },
  build_aborted: { sha_aborted: 'string' },
  build_start: { sha: 'string', version: 'string' },
  build_ok: { sha: 'string', version: 'string', elapsed_s: 'number' },
  build_failed: { sha: 'string', version: 'string', elapsed_s: 'number' },
  gate_start: { run_id: 'number', tier: 'string', version: 'string', gate: 'string' },
  gate_log_chunk: { run_id: 'number', seq: 'number', text: 'string' },
  gate_done: { run_id: 'number', tier: 'string', version: 'string', gate: 'string', outcome: 'object' },
  deploy_start: { tier: 'string', node: 'string', version: 'string' },
  deploy_ok: { tier: 'string', node: 'string', version: 'string' },
  deploy_failed: { tier: 'string', node: 'string', version: 'string', failure: 'object' },
  promote_complete: { tier: 'string', version: 'string' },
  rollback: { tier: 'string', from: 'string', to: 'string' },
  backup_fetched: { source: 'string', byte_size: 'number' },
  manual_confirm: { tier: 'string', version: 'string' },
};

/** What such a client makes of a line: the fields it knows of the kinds it knows, or null. It throws when one is missing. */
function readAsSando(line: string): Record<string, unknown> | null {
  const frame = JSON.parse(line) as Record<string, unknown>;
  const fields = SANDO[String(frame['kind'])];
  if (fields === undefined) return null;
  const known: Record<string, unknown> = { kind: frame['kind'] };
  for (const [name, type] of Object.entries(fields)) {
    if (typeof frame[name] !== type) throw new Error(`${line}: ${name} is no ${type}`);
    known[name] = frame[name];
  }
  return known;
}

const lines = (file: string): string[] =>
  readFileSync(new URL(`golden/${file}`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n');
const STAMP = ['seq_no', 'id', 'at', 'project'];

test('there is a golden frame of each of the fifteen kinds, and it has exactly their fields', () => {
  const seen = lines('sando.jsonl').map((line) => {
    const frame = JSON.parse(line) as Record<string, unknown>;
    const kind = String(frame['kind']);
    const own = Object.keys(frame).filter((name) => name !== 'kind' && !STAMP.includes(name));
    expect(own.toSorted()).toEqual(Object.keys(SANDO[kind] ?? {}).toSorted());
    return kind;
  });
  expect(seen.toSorted()).toEqual(Object.keys(SANDO).toSorted());
});

test.each(lines('sando.jsonl'))('we read it as it is, and need nothing more: %s', (line) => {
  const frame: unknown = JSON.parse(line);
  const read = line.includes('"gate_log_chunk"') ? Chunk.parse(frame) : decodeEnvelopes(`[${line}]`, 1)[0];
  expect(read).toEqual(frame);
});

test('with all our optional fields on them, that client still reads its own', () => {
  const read = lines('v1.jsonl').map(readAsSando);
  const kinds = new Set(read.flatMap((frame) => (frame === null ? [] : [frame['kind']])));
  expect(kinds.size).toBe(Object.keys(SANDO).length - 1); // a chunk is never stored
  for (const line of lines('sando.jsonl')) expect(readAsSando(line)).not.toBeNull();
});
