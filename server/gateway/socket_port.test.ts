import type { Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createServer as createHttp } from 'node:http';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { textsOf } from './stand_ins_for_tests.ts';
import { WireSocket } from './socket_port.ts';
import { textFrame, textFrames } from './wire.ts';

const WAIT = { timeout: 15_000, interval: 5 };

interface Pair {
  port: WireSocket;
  server: WebSocket;
  tcp: Socket;
  client: WebSocket;
  clientTcp: Socket;
  texts: string[];
}

async function pair(): Promise<Pair> {
  const http = createHttp();
  const upgrades = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const opened = new Promise<[WebSocket, Socket]>((resolve) => {
    http.on('upgrade', (request, socket, head) => {
      upgrades.handleUpgrade(request, socket, head, (ws) => resolve([ws, socket as Socket]));
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const client = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
  const texts: string[] = [];
  client.on('message', (data) => texts.push((data as Buffer).toString()));
  const [server, tcp] = await opened;
  await new Promise((resolve) => (client.readyState === WebSocket.OPEN ? resolve(null) : client.once('open', resolve)));
  onTestFinished(async () => {
    client.terminate();
    server.terminate();
    await new Promise((resolve) => http.close(resolve));
  });
  const clientTcp = (client as unknown as { _socket: Socket })._socket;
  return { port: new WireSocket(server, tcp), server, tcp, client, clientTcp, texts };
}

it.each([0, 1, 125, 126, 65_535, 65_536, 200_000])('a frame of %i bytes is read as it was written', async (bytes) => {
  const text = 'x'.repeat(bytes);
  expect(textsOf(textFrame(text))).toEqual([text]);
  const { port, texts } = await pair();
  port.write(textFrame(text));
  port.write(textFrame('ü€😀'));
  await vi.waitFor(() => expect(texts).toEqual([text, 'ü€😀']));
});

it('frames of several texts, for one write, are one after another', () => {
  const texts = ['', 'ü€😀', 'x'.repeat(125), 'x'.repeat(126), 'x'.repeat(65_535), 'x'.repeat(65_536), 'last'];
  expect(textsOf(textFrames(texts))).toEqual(texts);
  expect(textFrames(texts)).toEqual(Buffer.concat(texts.map(textFrame)));
});

it('frames never mix with those of `ws`: pings, pongs, its own texts, and the close', async () => {
  const { port, server, tcp, client, clientTcp, texts } = await pair();
  const heard = { pings: 0, pongs: 0 };
  client.on('ping', () => heard.pings++);
  client.on('pong', () => heard.pongs++);
  const errors: unknown[] = [];
  client.on('error', (error) => errors.push(error));
  const closed = new Promise<number>((resolve) => client.once('close', resolve));
  // A full buffer is where halves of frames could be overtaken.
  clientTcp.pause();
  const expected: string[] = [];
  for (let i = 0; i < 300; i++) {
    const text = `${i} ${'x'.repeat((i * 7_919) % 70_000)}`;
    expected.push(text);
    if (i % 3 === 0) server.send(text);
    else port.write(textFrame(text));
    if (i % 5 === 0) server.ping('p'.repeat(i % 126));
    if (i % 7 === 0) client.ping();
    if (i % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(port.bufferedAmount).toBeGreaterThan(0);
  port.close(4_001, 'stalled');
  // After the close frame nothing may come.
  const written = tcp.bytesWritten;
  port.write(textFrame('too late'));
  expect(tcp.bytesWritten).toBe(written);
  clientTcp.resume();
  expect(await closed).toBe(4_001);
  expect(texts).toEqual(expected);
  expect(heard.pings).toBe(60);
  expect(errors).toEqual([]);
});

describe('what waits', () => {
  it('is told when it has been taken, also with nothing waiting and after the socket has gone', async () => {
    const { port, clientTcp, client, tcp } = await pair();
    await new Promise<void>((resolve) => port.onceWritten(resolve));
    clientTcp.pause();
    while (port.bufferedAmount < 100_000) port.write(textFrame('x'.repeat(60_000)));
    let taken = false;
    port.onceWritten(() => (taken = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(taken).toBe(false);
    clientTcp.resume();
    await vi.waitFor(() => expect(taken).toBe(true));
    client.terminate();
    await vi.waitFor(() => expect(tcp.closed).toBe(true));
    await new Promise<void>((resolve) => port.onceWritten(resolve));
  });

  it('lets go of who waits when the socket goes away with it', async () => {
    const { port, clientTcp, tcp } = await pair();
    clientTcp.pause();
    while (port.bufferedAmount < 100_000) port.write(textFrame('x'.repeat(60_000)));
    const gone = new Promise<void>((resolve) => port.onceWritten(resolve));
    tcp.destroy();
    await gone;
  });

  it('shows progress in the middle of one long write: a slow reader is no stalled one', async () => {
    const { port, client, clientTcp } = await pair();
    // Not the socket itself: `ws` would let it go on.
    client.pause();
    while (port.bufferedAmount === 0) port.write(textFrame('x'.repeat(60_000)));
    // All of this becomes one write of the system, many times what the system keeps on the way.
    port.write(textFrame('x'.repeat(90_000_000)));
    let taken = false;
    port.onceWritten(() => (taken = true));
    let mayRead = 0;
    clientTcp.on('data', (data) => {
      mayRead -= data.length;
      if (mayRead <= 0) client.pause();
    });
    for (let i = 0; i < 3; i++) {
      const before = port.progress;
      mayRead = 15_000_000;
      client.resume();
      await vi.waitFor(() => expect(mayRead).toBeLessThanOrEqual(0), WAIT);
      await vi.waitFor(() => expect(port.progress).not.toBe(before), WAIT);
      expect(taken).toBe(false);
    }
  });

  it('shows no progress while nobody reads', async () => {
    const { port, clientTcp } = await pair();
    clientTcp.pause();
    while (port.bufferedAmount < 1_000_000) {
      port.write(textFrame('x'.repeat(60_000)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const before = port.progress;
    await new Promise((resolve) => setImmediate(resolve));
    expect(port.progress).toBe(before);
    port.write(textFrame('more'));
    expect(port.progress).toBe(before);
  });
});
