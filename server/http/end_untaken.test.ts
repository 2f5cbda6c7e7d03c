import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { fastify } from 'fastify';
import { expect, it, onTestFinished } from 'vitest';
import { endUntaken, LOG_TAKEN_WITHIN_MS } from './end_untaken.ts';
import { addLog, openHello } from './house_for_tests.ts';

/** More than the system takes for a reader who takes nothing, also packed. */
const LONG = `${randomBytes(48 * 1024).toString('base64')}\n`.repeat(512);

async function begun(port: number, path: string, host = `127.0.0.1:${port}`): Promise<IncomingMessage> {
  const request = get({ port, host: '127.0.0.1', path, headers: { host } });
  onTestFinished(() => void request.destroy());
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  return answer;
}

it('ends the answer that nobody takes, and closes what it is made from', async () => {
  const app = fastify();
  onTestFinished(() => app.close());
  const source = Readable.from(new Array(512).fill(LONG.slice(0, 64 * 1024)), { objectMode: false });
  const closed = finished(source).catch((error: unknown) => error);
  app.get('/', (_, reply) => {
    endUntaken(reply, 50);
    return reply.send(source);
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const answer = await begun((app.server.address() as AddressInfo).port, '/');
  expect(await closed).toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' });
  await expect(finished(answer.resume())).rejects.toMatchObject({ code: 'ECONNRESET' });
});

it.each(['raw', 'plain', 'gzip'])('a log in form %s waits ten minutes for its reader', async (form) => {
  const house = await openHello();
  addLog(house, 7, LONG);
  const accepted = once(house.app.server, 'connection') as Promise<[Socket]>;
  await house.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = house.app.server.address() as AddressInfo;
  const answer = await begun(port, `/api/v1/runs/7/log?form=${form}`, `127.0.0.1:${house.deps.port()}`);
  const [socket] = await accepted;
  expect(socket.timeout).toBe(LOG_TAKEN_WITHIN_MS);
  const closed = once(socket, 'close');
  socket.emit('timeout');
  await closed;
  await expect(finished(answer.resume())).rejects.toMatchObject({ code: 'ECONNRESET' });
});
