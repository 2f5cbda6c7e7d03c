import { expect, it } from 'vitest';
import type { Answer } from '../../src/shared/protocol/commands.ts';
import { ProjectId, RunId, Version } from '../../src/shared/protocol/ids.ts';
import { Failure } from '../failure.ts';
import { ask, openHello, openHouse, SHA, type House, type Reply } from './house_for_tests.ts';
import type { IndexedRun } from './run_index_port.ts';

const PROMOTE = '/api/v1/projects/hello/promote/staging';
const HEADERS = { 'idempotency-key': 'key-1', 'x-signalbox-actor': 'local:ana', 'content-type': 'application/json' };
const post = (house: House, url: string, payload: string | object = {}, headers: Record<string, string> = {}): Promise<Reply> =>
  ask(house, 'POST', url, {
    headers: { ...HEADERS, ...headers },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  });
const without = (name: keyof typeof HEADERS): Record<string, string> =>
  Object.fromEntries(Object.entries(HEADERS).filter(([key]) => key !== name));

const RUN: IndexedRun = {
  run_id: RunId.parse(7),
  project: ProjectId.parse('hello'),
  type: 'gate',
  version: Version.parse('1.0.0'),
  sha: null,
  tier: null,
  gate: null,
  gate_kind: null,
  node: null,
  attempt: 1,
  status: 'running',
  started_at: '2026-01-01T00:00:00.000Z',
  ended_at: null,
  why: null,
  excerpt: [],
  cancelled: null,
  log: null,
  tests: null,
};

it('answers an applied command with 202, its seq_no and its run', async () => {
  const house = await openHello();
  const reply = await post(house, PROMOTE, { hotfix: true, reason: 'fire', expect: { version: '1.0.0', sha: SHA } });
  expect(reply).toMatchObject({ status: 202, body: { status: 'applied', seq_no: 1, run_id: 7 } });
  expect(house.submitted).toEqual([
    {
      command: {
        command: 'promote',
        project: 'hello',
        tier: 'staging',
        hotfix: true,
        reason: 'fire',
        expect: { version: '1.0.0', sha: SHA },
      },
      actor: 'local:ana',
      key: 'key-1',
    },
  ]);
});

it.each([
  ['/api/v1/projects/hello/rebuild', {}, { command: 'rebuild', project: 'hello' }],
  [
    '/api/v1/projects/hello/confirm/staging',
    { decision: 'reject' },
    { command: 'confirm', project: 'hello', tier: 'staging', decision: 'reject' },
  ],
  ['/api/v1/projects/hello/rollback/host', {}, { command: 'rollback', project: 'hello', tier: 'host' }],
  ['/api/v1/projects/hello/redeploy/host', {}, { command: 'redeploy', project: 'hello', tier: 'host' }],
  [
    '/api/v1/projects/hello/lift-hold/host',
    { version: '1.0.0', reason: 'fixed' },
    { command: 'lift_hold', project: 'hello', tier: 'host', version: '1.0.0', reason: 'fixed' },
  ],
  ['/api/v1/projects/hello/gates/host/unit_tests/retry', {}, { command: 'retry_gate', project: 'hello', tier: 'host', gate: 'unit_tests' }],
  ['/api/v1/runs/7/cancel', { reason: 'stuck' }, { command: 'cancel_run', run_id: 7, reason: 'stuck' }],
])('%s reaches the desk as its command', async (url, body, command) => {
  const house = await openHello();
  house.runs.push(RUN);
  expect((await post(house, url, body)).status).toBe(202);
  expect(house.submitted.map((given) => given.command)).toEqual([command]);
});

it('answers a refusal with 409, why, and the tier as it is now', async () => {
  const house = await openHello();
  house.answer.next = {
    status: 'refused',
    seq_no: 9,
    refusal: { code: 'frozen', message: 'staging is frozen since noon.', by: 'local:ben' },
  };
  const reply = await post(house, PROMOTE);
  expect(reply.headers['content-type']).toContain('application/problem+json');
  expect(reply).toMatchObject({
    status: 409,
    body: {
      status: 409,
      code: 'frozen',
      title: 'The tier is frozen.',
      detail: 'staging is frozen since noon.',
      seq_no: 9,
      refusal: { code: 'frozen', message: 'staging is frozen since noon.', by: 'local:ben' },
      state: { id: 'staging' },
    },
  });
});

it('answers 404 when the desk finds that the path names nothing', async () => {
  const house = await openHello();
  house.answer.next = { status: 'refused', seq_no: 9, refusal: { code: 'unknown_tier', message: 'The tier has just been removed.' } };
  expect(await post(house, PROMOTE)).toMatchObject({ status: 404, body: { code: 'unknown_tier', refusal: { code: 'unknown_tier' } } });
});

it.each([
  ['/api/v1/projects/nope/promote/staging', 'unknown_project'],
  ['/api/v1/projects/hello/promote/nope', 'unknown_tier'],
  ['/api/v1/projects/hello/gates/host/nope/retry', 'unknown_gate'],
  ['/api/v1/runs/99/cancel', 'unknown_run'],
  ['/api/v1/projects/hello/promote/--exec=sh', 'not_found'],
  ['/api/v1/projects/hello/promote/..%2f..%2fetc', 'not_found'],
  ['/api/v1/projects/hello/promote/a%00b', 'not_found'],
  ['/api/v1/runs/-1/cancel', 'not_found'],
  ['/api/v1/projects/hello/freeze/staging', 'not_found'],
  ['/api/v1/projects/hello/backup/fetch', 'not_found'],
])('%s is 404 %s and reaches nothing', async (url, code) => {
  const house = await openHello();
  expect(await post(house, url)).toMatchObject({ status: 404, body: { code, status: 404 } });
  expect(house.submitted).toEqual([]);
});

it('gives a key its answer again although the tier has gone', async () => {
  const house = await openHello();
  house.answers.set('key-1', { status: 'applied', seq_no: 1 });
  expect((await post(house, '/api/v1/projects/hello/promote/gone')).status).toBe(202);
});

it.each([
  ['/api/v1/projects/hello/rebuild', { sha: '--upload-pack=x' }, 'sha'],
  ['/api/v1/projects/hello/rebuild', { sha: 'HEAD' }, 'sha'],
  [PROMOTE, { version: '-1' }, 'version'],
  [PROMOTE, { expect: { version: '1.0.0', sha: 'x' } }, 'expect.sha'],
  [PROMOTE, { raeson: 'typo' }, 'raeson'],
  [PROMOTE, { project: 'other' }, 'project'],
  ['/api/v1/projects/hello/lift-hold/host', { version: '1.0.0', reason: ' ' }, 'reason'],
])('%s %j is 422 and names the field', async (url, payload, field) => {
  const house = await openHello();
  const reply = await post(house, url, payload);
  expect(reply).toMatchObject({ status: 422, body: { code: 'unprocessable', fields: [{ field }] } });
  expect(reply.body['detail']).toContain(field);
  expect(house.submitted).toEqual([]);
});

it.each(['[]', '"x"', '7'])('a body of %s is 422', async (payload) => {
  expect((await post(await openHello(), PROMOTE, payload)).status).toBe(422);
});

it.each([
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'text/plain; application/json',
  'application/jsonp',
])('a body of type %s is 415', async (type) => {
  const house = await openHello();
  expect(await post(house, PROMOTE, '{}', { 'content-type': type })).toMatchObject({
    status: 415,
    body: { code: 'unsupported_media_type' },
  });
  expect(house.submitted).toEqual([]);
});

it('a body without a type is 415, no body at all is an empty one', async () => {
  const house = await openHello();
  expect((await ask(house, 'POST', PROMOTE, { headers: without('content-type'), payload: '{}' })).status).toBe(415);
  expect((await ask(house, 'POST', PROMOTE, { headers: without('content-type') })).status).toBe(202);
});

it.each(['{', '', '{"__proto__":{"x":1}}', '{"constructor":{"prototype":{}}}'])('JSON %j is 400', async (payload) => {
  expect(await post(await openHello(), PROMOTE, payload)).toMatchObject({ status: 400, body: { code: 'malformed' } });
});

it('a body above 64 KiB is 413', async () => {
  expect(await post(await openHello(), PROMOTE, { reason: 'x'.repeat(64 * 1024) })).toMatchObject({
    status: 413,
    body: { code: 'too_large' },
  });
});

it('without an Idempotency-Key it is 400 and says what to send', async () => {
  const house = await openHello();
  const reply = await ask(house, 'POST', PROMOTE, { headers: without('idempotency-key'), payload: '{}' });
  expect(reply).toMatchObject({ status: 400, body: { code: 'malformed' } });
  expect(reply.body['detail']).toContain('Idempotency-Key');
  expect((await post(house, PROMOTE, {}, { 'idempotency-key': 'two words' })).status).toBe(400);
  expect(house.submitted).toEqual([]);
});

it('without a name it is 401, with a forged one 400', async () => {
  const house = await openHello();
  expect(await ask(house, 'POST', PROMOTE, { headers: without('x-signalbox-actor'), payload: '{}' })).toMatchObject({
    status: 401,
    body: { code: 'unauthenticated' },
  });
  expect((await post(house, PROMOTE, {}, { 'x-signalbox-actor': 'system:pipeline' })).status).toBe(400);
  expect(house.submitted).toEqual([]);
});

it.each([
  ['unprocessable', 422],
  ['unavailable', 503],
  ['storage_full', 507],
] as const)('a failure %s is %i with its sentence', async (code, status) => {
  const house = await openHello();
  house.answer.next = new Failure(code, 'A sentence.');
  expect(await post(house, PROMOTE)).toMatchObject({ status, body: { code, detail: 'A sentence.' } });
});

it('an unknown error is 500 with an incident id; its details are in the log only', async () => {
  const house = await openHello();
  house.answer.next = new Error('cannot open /secret/path');
  const reply = await post(house, PROMOTE);
  expect(reply).toMatchObject({ status: 500, body: { code: 'internal' } });
  expect(reply.text).not.toMatch(/secret|stack|node_modules|\.ts/);
  expect(house.logged).toMatchObject([{ incident: reply.body['incident'], err: { message: 'cannot open /secret/path' } }]);
});

it('tells what became of a command', async () => {
  const house = await openHello();
  house.answers.set('known', { status: 'applied', seq_no: 3 });
  expect(await ask(house, 'GET', '/api/v1/commands/known')).toMatchObject({ status: 200, body: { status: 'applied', seq_no: 3 } });
  expect(await ask(house, 'GET', '/api/v1/commands/other')).toMatchObject({ status: 200, body: { status: 'unknown' } });
});

it('says of a command that is worked on that nothing is known yet', async () => {
  const asked = Promise.withResolvers<void>();
  const git = Promise.withResolvers<Answer>();
  const house = await openHello({ desk: { submit: () => (asked.resolve(), git.promise) } });
  const status = (): Promise<Reply> => ask(house, 'GET', '/api/v1/commands/key-1');
  const sent = [1, 2].map(() => post(house, '/api/v1/projects/hello/rebuild'));
  await asked.promise;
  expect(await status()).toMatchObject({ status: 503, body: { code: 'in_doubt' } });
  const answer: Answer = { status: 'applied', seq_no: 3 };
  house.answers.set('key-1', answer);
  expect(await status()).toMatchObject({ status: 200, body: answer });
  house.answers.clear();
  git.resolve(answer);
  expect((await Promise.all(sent)).map((reply) => reply.status)).toEqual([202, 202]);
  expect(await status()).toMatchObject({ status: 200, body: { status: 'unknown' } });
});

it('does not hold on to the key of a command that failed', async () => {
  const house = await openHello();
  house.answer.next = new Failure('unavailable', 'The repository cannot be reached.');
  expect((await post(house, '/api/v1/projects/hello/rebuild')).status).toBe(503);
  expect((await ask(house, 'GET', '/api/v1/commands/key-1')).body).toEqual({ status: 'unknown' });
});

it('the older paths need neither key nor name', async () => {
  const house = await openHello();
  expect((await ask(house, 'POST', '/promote/staging')).status).toBe(202);
  expect((await ask(house, 'POST', '/confirm/staging')).status).toBe(202);
  expect((await ask(house, 'POST', '/rollback/staging', { headers: { 'x-signalbox-actor': 'local:ana' } })).status).toBe(202);
  expect((await ask(house, 'POST', '/rebuild', { headers: { 'content-type': 'application/json' }, payload: { sha: SHA } })).status).toBe(
    202,
  );
  expect(house.submitted).toMatchObject([
    { command: { command: 'promote', project: 'hello', tier: 'staging' }, actor: 'local:unnamed', key: null },
    { command: { command: 'confirm', decision: 'confirm' } },
    { actor: 'local:ana' },
    { command: { command: 'rebuild', sha: SHA } },
  ]);
});

it('the older paths are 404 unless exactly one project is configured', async () => {
  const house = await openHouse();
  expect((await ask(house, 'POST', '/promote/staging')).status).toBe(404);
  expect((await ask(house, 'GET', '/state')).status).toBe(404);
  expect(house.submitted).toEqual([]);
});

it('the older paths name nobody for nobody once somebody vouches for names', async () => {
  const house = await openHello({ authenticator: { identify: () => null, verified: true } });
  expect((await ask(house, 'POST', '/promote/staging')).status).toBe(401);
});
