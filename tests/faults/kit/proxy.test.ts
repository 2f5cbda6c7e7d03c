import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import { Proxy, type Link } from './proxy.ts';

const closing: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** A server that says back what it hears, and both ends of one connection to it through a proxy. */
async function through(): Promise<{ proxy: Proxy; client: Socket; server: Socket; link: Link; heard: () => Buffer; said: () => Buffer }> {
  const listener = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  closing.push(() => void listener.close());
  const proxy = await Proxy.open((listener.address() as AddressInfo).port);
  closing.push(() => proxy.close());
  const arrived = once(listener, 'connection') as Promise<[Socket]>;
  const client = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true });
  client.on('error', () => undefined);
  const [server] = await arrived;
  server.on('error', () => undefined);
  closing.push(() => {
    client.destroy();
    server.destroy();
  });
  const [heard, said] = [collect(client), collect(server)];
  const [link] = proxy.links;
  if (link === undefined) throw new Error('there is no link');
  return { proxy, client, server, link, heard: () => Buffer.concat(heard), said: () => Buffer.concat(said) };
}

/** `once` would throw at the error before it. */
function closed(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => socket.once('close', resolve));
}

function collect(socket: Socket): Buffer[] {
  const got: Buffer[] = [];
  socket.on('data', (data: Buffer) => got.push(data));
  return got;
}

const NOISE = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 31) % 251));

describe('bytes', () => {
  test('pass unchanged, and so do both ends', async () => {
    const { client, server, heard, said } = await through();
    client.end(NOISE);
    await once(server, 'end');
    expect(said().equals(NOISE)).toBe(true);
    server.end(NOISE.subarray(7));
    await once(client, 'end');
    expect(heard().equals(NOISE.subarray(7))).toBe(true);
  });

  test('come one by one, in order', async () => {
    const { proxy, client, server, said } = await through();
    proxy.shape({ slice_bytes: 1 }, 'up');
    const sizes: number[] = [];
    server.on('data', (data: Buffer) => sizes.push(data.length));
    client.end(NOISE.subarray(0, 2_000));
    await once(server, 'end');
    expect(said().equals(NOISE.subarray(0, 2_000))).toBe(true);
    expect(sizes.length).toBeGreaterThan(500);
  });

  test('come later, one direction only', async () => {
    const { link, client, server } = await through();
    link.shape({ latency_ms: 80 }, 'down');
    const asked = performance.now();
    client.write('?');
    await once(server, 'data');
    const answered = performance.now();
    server.write('!');
    await once(client, 'data');
    expect(performance.now() - answered).toBeGreaterThanOrEqual(75);
    expect(answered - asked).toBeLessThan(75);
  });

  test('come no faster than the link is wide', async () => {
    const { proxy, client, server } = await through();
    proxy.shape({ bytes_per_s: 100_000, slice_bytes: 1_000 });
    const began = performance.now();
    client.end(NOISE.subarray(0, 20_000));
    await once(server, 'end');
    expect(performance.now() - began).toBeGreaterThanOrEqual(190);
  });
});

describe('a link', () => {
  test('that is paused makes the sender wait, and goes on where it stopped', async () => {
    const { link, client, server, said } = await through();
    link.pause('up');
    const big = Buffer.alloc(16 * 1024 * 1024, 'x');
    let taken = false;
    client.write(big, () => (taken = true));
    server.write('still');
    await once(client, 'data');
    expect(client.writableLength).toBeGreaterThan(0);
    expect(taken).toBe(false);
    expect(said()).toHaveLength(0);
    link.resume('up');
    await vi.waitFor(() => expect(server.bytesRead).toBe(big.length), { timeout: 15_000 });
  });

  test('that is a black hole takes all and passes nothing, and tells no end', async () => {
    const { link, client, server, said } = await through();
    link.blackhole('up');
    client.write(NOISE);
    await vi.waitFor(() => expect(link.swallowed).toBe(NOISE.length));
    server.write('still');
    await once(client, 'data');
    expect(said()).toHaveLength(0);
    link.resume('up');
    client.write('back');
    await vi.waitFor(() => expect(said().toString()).toBe('back'));
  });

  test('that is reset breaks both ends', async () => {
    const { link, client, server } = await through();
    const broken = Promise.all([closed(client), closed(server)]);
    const errors: unknown[] = [];
    for (const socket of [client, server]) socket.on('error', (error: NodeJS.ErrnoException) => errors.push(error.code));
    link.reset();
    await broken;
    expect(errors).toEqual(['ECONNRESET', 'ECONNRESET']);
    await link.closed;
  });

  test('is reset when one end is', async () => {
    const { client, server } = await through();
    const broken = closed(client);
    server.resetAndDestroy();
    await broken;
    expect(client.errored).toMatchObject({ code: 'ECONNRESET' });
  });

  test('that is half-open lets the end that stays believe in it', async () => {
    const { link, client, server } = await through();
    const gone = closed(server);
    link.halfOpen('server');
    server.destroy();
    await gone;
    await new Promise((resolve) => client.write(NOISE, resolve));
    expect(client.destroyed).toBe(false);
  });
});

describe('the proxy', () => {
  test('does to links to come what was done to all', async () => {
    const { proxy } = await through();
    proxy.blackhole();
    const second = connect(proxy.port, '127.0.0.1').on('error', () => undefined);
    onTestFinished(() => void second.destroy());
    const heard = collect(second);
    await vi.waitFor(() => expect(proxy.links).toHaveLength(2));
    await new Promise((resolve) => second.write('anyone?', resolve));
    proxy.resume();
    expect(heard).toEqual([]);
  });

  test('may refuse, and let in again', async () => {
    const { proxy } = await through();
    proxy.refuse(true);
    const refused = connect(proxy.port, '127.0.0.1');
    const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNRESET');
    proxy.refuse(false);
    const second = connect(proxy.port, '127.0.0.1').on('error', () => undefined);
    onTestFinished(() => void second.destroy());
    await vi.waitFor(() => expect(proxy.links).toHaveLength(2));
  });

  test('resets who comes to a server that is not there', async () => {
    const { port } = await new Promise<{ port: number }>((resolve) => {
      const listener = createServer().listen(0, '127.0.0.1', () => {
        const address = listener.address() as AddressInfo;
        listener.close(() => resolve(address));
      });
    });
    const proxy = await Proxy.open(port);
    closing.push(() => proxy.close());
    const client = connect(proxy.port, '127.0.0.1');
    client.on('error', () => undefined);
    await closed(client);
    expect(proxy.links).toEqual([]);
  });

  test('closes with links open, and again', async () => {
    const { proxy, client } = await through();
    const gone = closed(client);
    client.resume();
    client.on('end', () => client.end());
    await proxy.close();
    await proxy.close();
    await gone;
    expect(proxy.links).toEqual([]);
  });
});

describe('one WebSocket frame', () => {
  /** @param slice the most bytes in one piece. */
  async function conversation(
    slice_bytes: number,
  ): Promise<{ link: Link; say: (text: string) => void; heard: string[]; socket: WebSocket }> {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
    await once(server, 'listening');
    closing.push(() => void server.close());
    const proxy = await Proxy.open((server.address() as AddressInfo).port);
    closing.push(() => proxy.close());
    proxy.shape({ slice_bytes }, 'down');
    const arrived = once(server, 'connection') as Promise<[WebSocket]>;
    const client = new WebSocket(proxy.url.replace('http', 'ws'), { perMessageDeflate: false });
    const heard: string[] = [];
    client.on('message', (data: Buffer) => heard.push(data.toString()));
    client.on('error', () => undefined);
    const [socket] = await arrived;
    await once(client, 'open');
    closing.push(() => client.terminate());
    const [link] = proxy.links;
    if (link === undefined) throw new Error('there is no link');
    return { link, say: (text) => socket.send(text), heard, socket };
  }

  test.each([Infinity, 1])('is left out, pieces of %s bytes', async (slice) => {
    const { link, say, heard, socket } = await conversation(slice);
    const long = 'é'.repeat(slice === 1 ? 1_000 : 40_000);
    for (const each of ['a', long, 'b']) say(each);
    await vi.waitFor(() => expect(heard.length).toBe(3), { timeout: 10_000 });
    const dropped = link.dropFrame((text) => text.startsWith('events'));
    socket.ping();
    for (const each of ['ping', 'events 1', 'events 2', 'x'.repeat(300)]) say(each);
    expect(await dropped).toBe('events 1');
    await vi.waitFor(() => expect(heard.slice(3)).toEqual(['ping', 'events 2', 'x'.repeat(300)]), { timeout: 10_000 });
  });
});
