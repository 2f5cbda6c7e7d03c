import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { httpProbe, mentions } from './http_probe.ts';
import type { Answered } from './port.ts';

const open: Server[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function serve(answer: (path: string) => { status?: number; body: string } | null): Promise<string> {
  const server = createServer((request, response) => {
    const given = answer(request.url ?? '');
    if (given !== null) response.writeHead(given.status ?? 200, { location: '/elsewhere' }).end(given.body);
  });
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

const probe = (http: string, expect?: string, timeout_ms = 5_000, signal = new AbortController().signal): Promise<Answered> =>
  httpProbe({ http, timeout_ms, ...(expect === undefined ? {} : { expect }) }, signal);

test('matching: a 2xx answer that holds what is expected', async () => {
  const http = await serve(() => ({ body: '{"version":"1.0.0+g3f2a91c"}' }));
  expect(await probe(http, '1.0.0+g3f2a91c')).toEqual({ status: 'matching', detail: '200, 1.0.0+g3f2a91c as expected' });
});

test('answers: without an expectation a 2xx is not called matching', async () => {
  expect(await probe(await serve(() => ({ status: 204, body: '' })))).toEqual({ status: 'answers', detail: '204' });
});

test('differs: an old process, a second build of the same commit, a stranger, an error page with the right words, a redirect', async () => {
  const body = '{"version":"0.9.0"}';
  expect(await probe(await serve(() => ({ body })), '1.0.0')).toEqual({ status: 'differs', detail: `200, ${body}`, body });
  expect(await probe(await serve(() => ({ body: '1.0.0+g3f2a91c.2' })), '1.0.0+g3f2a91c')).toMatchObject({ status: 'differs' });
  expect(await probe(await serve(() => ({ body: '' })), '1.0.0')).toMatchObject({ status: 'differs', detail: '200, empty' });
  expect(await probe(await serve(() => ({ status: 503, body: '1.0.0\n  starting' })), '1.0.0')).toMatchObject({
    status: 'differs',
    detail: '503, 1.0.0 starting',
  });
  expect(await probe(await serve((path) => (path === '/' ? { status: 302, body: '' } : { body: '1.0.0' })), '1.0.0')).toMatchObject({
    status: 'differs',
  });
});

test('secrets are taken out of an answer before it is cut, so that no half of one is told', async () => {
  const body = `${'x'.repeat(150)} token a-long-secret-of-many-characters`;
  const masked = (text: string): string => text.replaceAll('a-long-secret-of-many-characters', '***');
  const http = await serve(() => ({ status: 500, body }));
  const told = await httpProbe({ http, timeout_ms: 5_000, masked }, new AbortController().signal);
  expect(told).toEqual({ status: 'differs', detail: `500, ${'x'.repeat(150)} token ***`, body: `${'x'.repeat(150)} token ***` });
});

test('unreachable: nobody there, no answer in time, stopped, no address', async () => {
  const gone = await serve(() => null);
  const server = open.pop();
  await new Promise((resolve) => server?.close(resolve));
  expect(await probe(gone)).toEqual({ status: 'unreachable', detail: `${gone}: connection refused` });

  const silent = await serve(() => null);
  expect(await probe(silent, undefined, 60)).toEqual({ status: 'unreachable', detail: `${silent}: no answer within 0.06 s` });
  const stopped = new AbortController();
  const asked = probe(silent, undefined, 5_000, stopped.signal);
  stopped.abort();
  expect(await asked).toEqual({ status: 'unreachable', detail: `${silent}: stopped while asking` });

  expect(await probe('http://127.0.0.1:$PORT/')).toMatchObject({
    status: 'unreachable',
    detail: 'http://127.0.0.1:$PORT/: not an address',
  });
  expect(await probe('ftp://127.0.0.1/')).toMatchObject({ status: 'unreachable' });
});

test('each question has its own connection', async () => {
  const http = await serve(() => ({ body: '1.0.0' }));
  let connections = 0;
  open.at(-1)?.on('connection', () => connections++);
  for (let n = 0; n < 3; n++) await probe(http, '1.0.0');
  expect(connections).toBe(3);
});

test('an endless body is not read to its end', async () => {
  const http = await serve(() => ({ body: `1.0.0 ${'x'.repeat(5_000_000)}` }));
  expect(await probe(http, '1.0.0')).toMatchObject({ status: 'matching' });
  expect(await probe(http, 'absent')).toMatchObject({ status: 'differs', detail: `200, 1.0.0 ${'x'.repeat(154)}…` });
});

test.each([
  ['{"version":"1.0.0"}', '1.0.0', true],
  ['v1.0.0.', '1.0.0', true],
  ['1.0.0, and before it 0.9.0', '1.0.0', true],
  ['11.0.0', '1.0.0', false],
  ['2.1.0.0', '1.0.0', false],
  ['1.0.01', '1.0.0', false],
  ['1.0.0-rc.1', '1.0.0', false],
  ['1.0.0+gabc', '1.0.0', false],
  ['1.0.0+gabc then 1.0.0', '1.0.0', true],
  ['status: ok', 'ok', true],
  ['status: okay', 'ok', false],
  ['"status":', '"status"', true],
])('%j mentions %j: %j', (text, wanted, does) => {
  expect(mentions(text, wanted)).toBe(does);
});
