/** Clients that are not our page: one that knows only the older stream, and a page on another port that has no business here. */
import { createServer } from 'node:http';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { expect, test } from '../support/house.ts';

const SANDO = [
  'rebuild_requested',
  'build_aborted',
  'build_start',
  'build_ok',
  'build_failed',
  'gate_start',
  'gate_log_chunk',
  'gate_done',
  'deploy_start',
  'deploy_ok',
  'deploy_failed',
  'promote_complete',
  'rollback',
  'backup_fetched',
  'manual_confirm',
];

test('a plain client that knows only the fifteen kinds follows a whole run on /events', async ({ house }) => {
  const socket = new WebSocket(`${house.server.url.replace('http', 'ws')}/events`);
  const seen: Record<string, unknown>[] = [];
  socket.on('message', (data: Buffer) => {
    const event = JSON.parse(data.toString()) as Record<string, unknown>;
    if (SANDO.includes(String(event['kind']))) seen.push(event);
  });
  await once(socket, 'open');
  await house.line.push({ version: '1.0.0' });
  await expect
    .poll(() => seen.some((e) => e['kind'] === 'gate_done' && (e['outcome'] as { status: string }).status === 'blocked'))
    .toBe(true);
  const version = String(seen.find((e) => e['kind'] === 'build_ok')?.['version']);
  const { status, body } = await house.server.command('/api/v1/projects/app/confirm/staging', {});
  expect(status, JSON.stringify(body)).toBe(202);
  await expect.poll(() => seen.map((e) => `${String(e['kind'])} ${String(e['tier'])}`)).toContain('promote_complete production');
  socket.terminate();

  const kinds = seen.map((e) => e['kind']).filter((kind, i, all) => kind !== 'gate_log_chunk' || all[i - 1] !== kind);
  expect(kinds.slice(0, 3)).toEqual(['rebuild_requested', 'build_start', 'build_ok']);
  expect(seen.filter((e) => e['kind'] === 'deploy_ok').map((e) => e['node'])).toEqual(['staging-1', 'staging-2', 'prod-1', 'prod-2']);
  for (const event of seen) expect(event['at']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const text = seen
    .filter((e) => e['kind'] === 'gate_log_chunk')
    .map((e) => e['text'])
    .join('');
  expect(text).toContain('ok 1 - adds up');
  expect(seen.find((e) => e['kind'] === 'manual_confirm')).toMatchObject({ tier: 'staging', version });
});

test('a page on another port can neither connect nor post', async ({ house, page }) => {
  const other = createServer((_, answer) =>
    answer.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>stranger</title>'),
  );
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  await page.goto(`http://127.0.0.1:${address.port}/`);
  const before = (await house.server.state()).seq_no;
  const routes = [
    'rebuild',
    'promote/staging',
    'confirm/staging',
    'rollback/staging',
    'lift-hold/staging',
    'redeploy/staging',
    'gates/host/unit_tests/retry',
  ].map((r) => `/api/v1/projects/app/${r}`);
  const tried = await page.evaluate(
    async ({ url, posts }) => {
      const attempts = [];
      for (const path of posts) {
        for (const init of [
          { method: 'POST', body: '{}', headers: { 'content-type': 'application/json', 'idempotency-key': 'k' } },
          { method: 'POST', body: '{}', headers: { 'content-type': 'text/plain' } },
          { method: 'POST', body: '{}', mode: 'no-cors' as const },
        ]) {
          const answered = await fetch(url + path, init).then(
            (r) => r.type,
            () => 'failed',
          );
          attempts.push(answered);
        }
      }
      const socket = await new Promise<string>((resolve) => {
        const ws = new WebSocket(`${url.replace('http', 'ws')}/events`, 'signalbox.v1');
        ws.onopen = () => resolve('open');
        ws.onerror = () => resolve('refused');
      });
      const read = await fetch(`${url}/api/v1/state`).then(
        () => 'read',
        () => 'failed',
      );
      return { attempts, socket, read };
    },
    {
      url: house.server.url,
      posts: [...routes, '/api/v1/runs/1/cancel', '/rebuild', '/promote/staging', '/confirm/staging', '/rollback/staging'],
    },
  );
  expect(tried.socket).toBe('refused');
  expect(tried.read).toBe('failed');
  // An opaque answer is what a browser shows of a refused no-cors post; nothing else may come back.
  expect(new Set(tried.attempts)).toEqual(new Set(['failed', 'opaque']));
  expect((await house.server.state()).seq_no).toBe(before);
  other.close();
});
