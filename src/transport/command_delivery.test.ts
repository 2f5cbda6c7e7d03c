import { beforeEach, describe, expect, test } from 'vitest';
import type { Command } from '../shared/protocol/commands.ts';
import { commandRoute } from './command_route.ts';
import { deliver } from './command_delivery.ts';
import { idempotencyKey } from './idempotency_key.ts';

type Answered = Response | 'silence';
const json = (status: number, body: unknown): Response => new Response(JSON.stringify(body), { status });
const cancel = { command: 'cancel_run', run_id: 42, reason: 'stuck' } as Command;

let asked: { path: string; init: RequestInit }[];
let askings: number;
let pauses: number;
beforeEach(() => {
  asked = [];
  askings = pauses = 0;
});

/** @param answers in turn; the last one for ever. */
function send(...answers: Answered[]): ReturnType<typeof deliver> {
  return deliver(cancel, 'key-1', {
    fetch: async (path, init) => {
      asked.push({ path, init });
      const answer = answers.length > 1 ? answers.shift()! : answers[0]!;
      if (answer === 'silence') throw new TypeError('Failed to fetch');
      return answer.clone();
    },
    headers: () => ({ 'x-signalbox-actor': 'local:Ana' }),
    pause: async () => void pauses++,
    asking: () => askings++,
  });
}

test('the request carries key, name and body', async () => {
  expect(await send(json(202, { status: 'applied', seq_no: 7, run_id: 3 }))).toEqual({ status: 'applied', seq_no: 7, run_id: 3 });
  const { path, init } = asked[0]!;
  expect(path).toBe('/api/v1/runs/42/cancel');
  expect(init).toMatchObject({
    method: 'POST',
    body: '{"reason":"stuck"}',
    headers: { 'idempotency-key': 'key-1', 'x-signalbox-actor': 'local:Ana', 'content-type': 'application/json' },
  });
  expect(askings).toBe(0);
});

test('a refusal is an answer, with its own sentence', async () => {
  const refusal = { code: 'settled', message: 'Run 42 has passed already.', by: 'local:Ben' };
  const outcome = await send(
    json(409, { type: 'urn:x', title: 'x', status: 409, code: 'settled', detail: refusal.message, refusal, seq_no: 9, state: null }),
  );
  expect(outcome).toEqual({ status: 'refused', seq_no: 9, refusal });
});

test('an error that is not a refusal says so and is not asked about', async () => {
  const outcome = await send(
    json(422, { type: 'urn:x', title: 'x', status: 422, code: 'unprocessable', detail: 'That key was used for another command.' }),
  );
  expect(outcome).toEqual({ status: 'failed', message: 'Not done. That key was used for another command.' });
  expect(asked).toHaveLength(1);
});

describe('without an answer the server is asked by key', () => {
  test('it arrived', async () => {
    expect(await send('silence', json(200, { status: 'applied', seq_no: 7 }))).toEqual({ status: 'applied', seq_no: 7, run_id: null });
    expect(askings).toBe(1);
    expect(asked[1]!.path).toBe('/api/v1/commands/key-1');
  });

  test('it arrived and was refused', async () => {
    const outcome = await send('silence', json(200, { status: 'refused', seq_no: 9, refusal: { code: 'settled', message: 'Too late.' } }));
    expect(outcome).toMatchObject({ status: 'refused', seq_no: 9 });
  });

  test('"nothing was done" is said only after two answers that the key is unknown', async () => {
    expect(await send('silence', json(200, { status: 'unknown' }), json(200, { status: 'applied', seq_no: 7 }))).toMatchObject({
      status: 'applied',
    });
    expect(await send('silence', json(200, { status: 'unknown' }))).toEqual({ status: 'not_received' });
    expect(pauses).toBe(2);
  });

  test('silence is no answer, nor is a server that is not itself yet: it is asked for as long as that lasts', async () => {
    const starting = json(503, { code: 'unavailable', detail: 'The server is starting.' });
    const silence: Answered[] = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? 'silence' : starting));
    expect(await send(...silence, json(200, { status: 'applied', seq_no: 7 }))).toMatchObject({ status: 'applied', seq_no: 7 });
    expect(pauses).toBe(39);
  });

  test('a refusal to tell is not told as "not done"', async () => {
    const outcome = await send('silence', json(401, { code: 'unauthenticated', detail: 'Sign in.' }));
    expect(outcome).toEqual({ status: 'failed', message: 'It may have been done: the server does not say. Sign in.' });
  });

  test('an answer that is not JSON counts as none', async () => {
    expect(await send(new Response('<html>', { status: 200 }), json(200, { status: 'applied', seq_no: 7 }))).toMatchObject({
      status: 'applied',
    });
  });

  test('a server that broke while it was at it may have stored it', async () => {
    const broke = json(500, { code: 'internal', detail: 'Something went wrong.' });
    expect(await send(broke, json(200, { status: 'applied', seq_no: 7 }))).toMatchObject({ status: 'applied' });
    expect(await send(broke, json(200, { status: 'unknown' }))).toEqual({ status: 'failed', message: 'Not done. Something went wrong.' });
  });

  test('a server whose disk failed knows only after its next start', async () => {
    const doubt = json(503, { code: 'in_doubt', detail: 'It shows after the next start.' });
    expect(await send(doubt, doubt, doubt, json(200, { status: 'applied', seq_no: 7 }))).toMatchObject({ status: 'applied' });
    expect(await send(doubt, doubt, json(200, { status: 'unknown' }))).toEqual({ status: 'not_received' });
  });
});

test.each<[Record<string, unknown>, string, Record<string, unknown>]>([
  [{ command: 'rebuild', project: 'hello' }, '/api/v1/projects/hello/rebuild', {}],
  [
    { command: 'promote', project: 'hello', tier: 'staging', version: '1.0.0', hotfix: true },
    '/api/v1/projects/hello/promote/staging',
    { version: '1.0.0', hotfix: true },
  ],
  [
    { command: 'confirm', project: 'hello', tier: 'staging', decision: 'reject' },
    '/api/v1/projects/hello/confirm/staging',
    { decision: 'reject' },
  ],
  [{ command: 'rollback', project: 'hello', tier: 'staging' }, '/api/v1/projects/hello/rollback/staging', {}],
  [{ command: 'redeploy', project: 'hello', tier: 'staging', node: 'n1' }, '/api/v1/projects/hello/redeploy/staging', { node: 'n1' }],
  [
    { command: 'lift_hold', project: 'hello', tier: 'staging', version: '1.0.0', reason: 'fixed' },
    '/api/v1/projects/hello/lift-hold/staging',
    { version: '1.0.0', reason: 'fixed' },
  ],
  [{ command: 'retry_gate', project: 'hello', tier: 'host', gate: 'unit_tests' }, '/api/v1/projects/hello/gates/host/unit_tests/retry', {}],
  [{ command: 'cancel_run', run_id: 42 }, '/api/v1/runs/42/cancel', {}],
])('%j', (command, path, body) => expect(commandRoute(command as Command)).toEqual({ path, body }));

test('a key is made without randomUUID too, and is another every time', () => {
  const insecure = { getRandomValues: (bytes: Uint8Array<ArrayBuffer>) => crypto.getRandomValues(bytes) };
  const keys = [idempotencyKey(), idempotencyKey(insecure), idempotencyKey(insecure)];
  expect(new Set(keys).size).toBe(3);
  for (const key of keys) expect(key).toMatch(/^[\x21-\x7e]{32,36}$/);
});
