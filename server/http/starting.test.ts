import { once } from 'node:events';
import { lookup } from 'node:dns/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import type { StartProgress } from '../starting_port.ts';
import { Door } from './door.ts';
import { startingAnswers } from './starting.ts';

let progress: StartProgress;
beforeEach(() => {
  progress = { step: 'reading', done: 340_000, total: 1_000_000 };
});

async function opened(): Promise<{ door: Door; port: number; url: string }> {
  let port = 0;
  const door = new Door(startingAnswers({ guard: () => ({ publicUrl: null, port }), progress: () => progress }));
  onTestFinished(() => door.close(0));
  port = await door.listen({ host: '127.0.0.1', port: 0 });
  return { door, port, url: `http://127.0.0.1:${port}` };
}

const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

describe('while it starts', () => {
  test('it lives', async () => {
    const { url } = await opened();
    const answer = await fetch(`${url}/healthz`);
    expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok' }]);
    expect((await fetch(`${url}/healthz`, { method: 'HEAD' })).status).toBe(200);
  });

  test('it is not ready, and says how far it is', async () => {
    const { url } = await opened();
    const answer = await fetch(`${url}/readyz`);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(await answer.json()).toMatchObject({
      status: 503,
      code: 'starting',
      detail: 'Reading history: 340,000 of 1,000,000 events.',
      progress: { done: 340_000, total: 1_000_000 },
    });
    progress = { step: 'settling', done: 1_000_000, total: 1_000_000 };
    expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({ detail: 'Settling what was under way when the server stopped.' });
  });

  test.each([
    ['GET', '/api/v1/state', HTML],
    ['GET', '/metrics', {}],
    ['GET', '/assets/main.js', { accept: '*/*' }],
    ['POST', '/api/v1/projects/app/rebuild', { 'content-type': 'application/json' }],
    ['HEAD', '/', HTML],
  ])('%s %s has to come back', async (method, path, headers) => {
    const { url } = await opened();
    const answer = await fetch(`${url}${path}`, { method, headers, ...(method === 'POST' ? { body: '{}' } : {}) });
    expect([answer.status, answer.headers.get('retry-after'), answer.headers.get('cache-control')]).toEqual([503, '1', 'no-store']);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });

  test('a person gets a page that says the same, comes back by itself and needs no script', async () => {
    const { url } = await opened();
    const answer = await fetch(`${url}/hello/1.4.0`, { headers: HTML });
    const page = await answer.text();
    expect(answer.status).toBe(503);
    expect(page).toContain('Reading history: 340,000 of 1,000,000 events.');
    expect(page).toContain('<progress aria-label="Start" value="340000" max="1000000">');
    expect(page).toContain('<meta http-equiv="refresh" content="1">');
    expect(page).not.toMatch(/<script|\bon\w+=|https?:/);
    expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/=]+';/);
  });

  test('a WebSocket is refused with the same status', async () => {
    const { port } = await opened();
    const socket = new WebSocket(`ws://127.0.0.1:${port}/events`);
    const [error] = (await once(socket, 'error')) as [Error];
    expect(error.message).toContain('503');
  });

  test('the guard stands before it', async () => {
    const { url, port } = await opened();
    const foreign = await fetch(`${url}/readyz`, { headers: { origin: 'http://127.0.0.1:1' } });
    expect([foreign.status, await foreign.json()]).toMatchObject([403, { code: 'forbidden' }]);
    const socket = connect(port, '127.0.0.1');
    socket.end('GET /healthz HTTP/1.1\r\nhost: rebound.example\r\nconnection: close\r\n\r\n');
    const answer = (await socket.toArray()).join('');
    expect(answer).toMatch(/^HTTP\/1\.1 421 /);
  });
});

describe('the door', () => {
  test('is handed over without a gap: a connection opened before is answered by the next', async () => {
    const { door, port } = await opened();
    const socket = connect(port, '127.0.0.1').setEncoding('utf8');
    onTestFinished(() => void socket.destroy());
    const ask = async (): Promise<string> => {
      socket.write(`GET /readyz HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`);
      const [text] = (await once(socket, 'data')) as [string];
      return text;
    };
    expect(await ask()).toMatch(/^HTTP\/1\.1 503 /);
    door.handOver(
      (_, response) => response.end('ready'),
      (_, upgraded) => upgraded.end('HTTP/1.1 418 Teapot\r\n\r\n'),
    );
    expect(await ask()).toMatch(/^HTTP\/1\.1 200 [^]*ready$/);
    const viewer = new WebSocket(`ws://127.0.0.1:${port}/events`);
    const [error] = (await once(viewer, 'error')) as [Error];
    expect(error.message).toContain('418');
  });

  test('answers who would rather speak another protocol as if nothing had been offered, with what was sent', async () => {
    const { door, port } = await opened();
    door.handOver(
      (request, response) =>
        void request.toArray().then((body: Buffer[]) => response.end(`${request.method} ${String(Buffer.concat(body))}`)),
      (_, upgraded) => upgraded.end('HTTP/1.1 418 Teapot\r\n\r\n'),
    );
    const ask = async (protocol: string): Promise<string> => {
      const socket = connect(port, '127.0.0.1').setEncoding('utf8');
      onTestFinished(() => void socket.destroy());
      const offer = `connection: upgrade, close\r\nupgrade: ${protocol}`;
      socket.write(`POST /rebuild HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n${offer}\r\ncontent-length: 2\r\n\r\n{}`);
      return (await socket.toArray()).join('');
    };
    expect(await ask('h2c')).toMatch(/^HTTP\/1\.1 200 [^]*POST \{\}/);
    expect(await ask('WebSocket')).toMatch(/^HTTP\/1\.1 418 /);
  });

  test('a port in use is the system’s error', async () => {
    const { port } = await opened();
    await expect(new Door(() => undefined).listen({ host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
      syscall: 'listen',
    });
  });

  test('answers on every address that `localhost` is here', async () => {
    const door = new Door((_, response) => response.end('here'));
    onTestFinished(() => door.close(0));
    const port = await door.listen({ host: 'localhost', port: 0 });
    const addresses = (await lookup('localhost', { all: true })).map(({ address, family }) => (family === 6 ? `[${address}]` : address));
    const answers = addresses.map(async (address) => (await fetch(`http://${address}:${port}/`)).text());
    expect(await Promise.all(answers)).toEqual(addresses.map(() => 'here'));
  });

  test.skipIf(process.platform !== 'linux')(
    'does without an address that the machine has not, and refuses one where a stranger listens',
    async () => {
      const door = new Door((_, response) => response.end('here'));
      onTestFinished(() => door.close(0));
      // 192.0.2.0/24 is for documentation: no machine has it.
      await door.listen({ host: 'localhost', port: 0 }, async () => ['127.0.0.1', '192.0.2.1']);
      const stranger = createServer().listen(0, '127.0.0.2');
      onTestFinished(() => void stranger.close());
      await once(stranger, 'listening');
      const { port } = stranger.address() as AddressInfo;
      const other = new Door(() => undefined);
      onTestFinished(() => other.close(0));
      await expect(other.listen({ host: 'localhost', port }, async () => ['127.0.0.1', '127.0.0.2'])).rejects.toMatchObject({
        code: 'EADDRINUSE',
      });
    },
  );

  test('closes although somebody never reads', async () => {
    const { door, port } = await opened();
    const asked = Promise.withResolvers<void>();
    door.handOver(
      (_, response) => {
        response.write('begun');
        asked.resolve();
      },
      () => undefined,
    );
    const reader = connect(port, '127.0.0.1');
    onTestFinished(() => void reader.destroy());
    reader.on('error', () => undefined).write(`GET / HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`);
    await asked.promise;
    await door.close(10);
    expect(door.server.listening).toBe(false);
  });
});
