import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { Door } from './door.ts';

async function opened(answer: ConstructorParameters<typeof Door>[0] = () => undefined): Promise<{ door: Door; port: number }> {
  const door = new Door(answer);
  onTestFinished(() => door.close(0));
  return { door, port: await door.listen({ host: 'localhost', port: 0 }) };
}

async function caller(port: number, host = 'localhost'): Promise<Socket> {
  const socket = connect(port, host);
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

it('headers that are too large are told so, with what to do, at every address', async () => {
  const { port } = await opened();
  for (const { address } of await lookup('localhost', { all: true })) {
    const socket = await caller(port, address);
    socket.write(`GET / HTTP/1.1\r\nhost: localhost:${port}\r\ncookie: ${'x'.repeat(20_000)}\r\n\r\n`);
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 431 Request Header Fields Too Large\r\ncontent-type: application\/problem\+json/);
    expect(answer).toContain('The headers are larger than the 16 KiB that are taken. Clear the cookies of this host.');
  }
});

it('a request that does not come as a whole is 408, what is no HTTP is 400', async () => {
  const { door, port } = await opened();
  const accepted = once(door.server, 'connection') as Promise<[Socket]>;
  const slow = await caller(port, (await lookup('localhost')).address);
  const late = Object.assign(new Error('late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
  door.server.emit('clientError', late, (await accepted)[0]);
  expect(await text(slow)).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n[^]*"code":"timeout"/);
  const odd = await caller(port);
  odd.write('NONSENSE\r\n\r\n');
  expect(await text(odd)).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n[^]*"code":"malformed"/);
});

it('nothing is written into an answer that has begun', async () => {
  const { port } = await opened((_, response) => response.write('begun'));
  const socket = await caller(port);
  socket.write(`GET / HTTP/1.1\r\nhost: localhost:${port}\r\n\r\n`);
  const [begun] = (await once(socket, 'data')) as [Buffer];
  socket.write('NONSENSE\r\n\r\n');
  expect([String(begun), await text(socket)]).toEqual([expect.stringMatching(/^HTTP\/1\.1 200 OK[^]*begun/), '']);
});
