import { createServer, request, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { CLOSE } from '../../src/shared/protocol/close_codes.ts';
import { decodeFrameDown } from '../../src/shared/protocol/codec.ts';
import type { FrameDown, FrameUp } from '../../src/shared/protocol/frames.ts';
import { localAuthenticator } from '../auth/local.ts';
import { createGateway, type Gateway, type GatewayDeps } from './gateway.ts';
import { EPOCH, gateDone, House, story } from './house_for_tests.ts';
import { MAX_MESSAGE_BYTES } from './limits.ts';

interface Running {
  house: House;
  gateway: Gateway;
  port: number;
  url: string;
  first: () => number;
}

async function run(changes: Partial<GatewayDeps> = {}, house = new House({ capacity: 64 })): Promise<Running> {
  let port = 0;
  let first = 0;
  const gateway = createGateway({
    ...house.deps,
    bus: house.bus,
    logs: house.logs,
    authenticator: localAuthenticator(),
    bootId: 'boot-1',
    version: '0.1.0',
    guard: () => ({ publicUrl: null, port }),
    onFirstViewer: () => void first++,
    ...changes,
  });
  const server = createServer();
  server.on('upgrade', (req, socket, head) => gateway.handleUpgrade(req, socket, head));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
  onTestFinished(async () => {
    await gateway.close();
    await new Promise((resolve) => server.close(resolve));
  });
  return { house, gateway, port, url: `ws://127.0.0.1:${port}/events`, first: () => first };
}

class Client {
  readonly texts: string[] = [];
  readonly ws: WebSocket;
  readonly opened: Promise<unknown>;
  readonly closed: Promise<{ code: number; reason: string }>;

  constructor(url: string, protocols: string[] = [], headers: Record<string, string> = {}) {
    this.ws = new WebSocket(url, protocols, { headers });
    this.ws.on('message', (data) => this.texts.push((data as Buffer).toString()));
    this.opened = new Promise((resolve, reject) => this.ws.once('open', resolve).once('error', reject));
    this.opened.catch(() => undefined);
    this.closed = new Promise((resolve) => this.ws.once('close', (code, reason) => resolve({ code, reason: reason.toString() })));
    this.ws.on('error', () => undefined);
    onTestFinished(() => this.ws.terminate());
  }

  say(frame: FrameUp): void {
    this.ws.send(JSON.stringify(frame));
  }

  frames(): FrameDown[] {
    return this.texts.map(decodeFrameDown);
  }

  seqs(): number[] {
    return this.frames().flatMap((frame) => (frame.type === 'events' ? frame.items.map(({ seq_no }) => seq_no) : []));
  }

  async seen(type: FrameDown['type']): Promise<void> {
    await vi.waitFor(() => expect(this.frames().map((frame) => frame.type)).toContain(type));
  }

  get socket(): Socket {
    return (this.ws as unknown as { _socket: Socket })._socket;
  }
}

async function liveClient({ url }: Running): Promise<Client> {
  const client = new Client(url, ['signalbox.v1']);
  await client.seen('hello');
  client.say({ type: 'resume', epoch: EPOCH, after: 0, id: null });
  await client.seen('replayed');
  return client;
}

/** The HTTP answer to an upgrade. */
function refusedBy(port: number, path: string, headers: Record<string, string> = {}): Promise<{ status: number; body: { code?: string } }> {
  const sent = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': Buffer.alloc(16).toString('base64'),
    ...headers,
  };
  return new Promise((resolve, reject) => {
    const req = request({ host: '127.0.0.1', port, path, headers: sent });
    req.on('upgrade', (_res, socket) => (socket.destroy(), reject(new Error('upgraded'))));
    req.on('error', reject);
    req.on('response', (response: IncomingMessage) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: text === '' ? {} : (JSON.parse(text) as { code: string }) }),
      );
    });
    req.end();
  });
}

describe('the door', () => {
  it.each([
    ['another path', '/other', {}, 404, 'not_found'],
    ['a path that only begins so', '/events/x', {}, 404, 'not_found'],
    ['a forged host', '/events', { host: 'evil.example' }, 421, 'misdirected'],
    ['a page on another port', '/events', { origin: 'http://127.0.0.1:5173' }, 403, 'forbidden'],
    ['another site', '/events', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'websocket' }, 403, 'forbidden'],
    ['a forged name', '/events', { 'x-signalbox-actor': 'system:me' }, 400, 'malformed'],
    ['a position that is no number', '/events?after=x', {}, 400, 'malformed'],
    ['a field that is none', '/events?afer=1', {}, 422, 'unprocessable'],
    ['a field twice', '/events?after=0&after=0', {}, 422, 'unprocessable'],
    ['logs that are neither on nor off', '/events?logs=false', {}, 422, 'unprocessable'],
    ['a position of another history', '/events?after=1', {}, 409, 'other_history'],
  ])('refuses %s by HTTP status before the upgrade', async (_what, path, headers, status, code) => {
    const { port, house, gateway } = await run();
    expect(await refusedBy(port, path, headers)).toMatchObject({ status, body: { code } });
    expect(house.bus.publish({ seq_no: 1, id: 'x', at: '2026-01-01T00:00:00.000Z', project: '*', kind: 'new' })).toBe(0);
    expect(gateway.metrics.find(({ name }) => name.includes('upgrades_refused'))?.read()).toBe(1);
  });

  it('lets our own page in', async () => {
    const running = await run();
    const client = new Client(running.url, ['signalbox.v1'], {
      origin: `http://127.0.0.1:${running.port}`,
      'sec-fetch-site': 'same-origin',
      'x-signalbox-actor': 'local:ana',
    });
    await client.seen('hello');
    expect(client.frames()[0]).toMatchObject({
      type: 'hello',
      actor: 'local:ana',
      boot_id: 'boot-1',
      server_version: '0.1.0',
      capacity: 64,
    });
    expect(client.ws.extensions).toBe('');
  });

  it('refuses more than it can hold, until one has gone', async () => {
    const running = await run({ maxConnections: 2 });
    const [a, b] = [new Client(running.url), new Client(running.url)];
    await Promise.all([a.opened, b.opened]);
    expect(await refusedBy(running.port, '/events')).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    a.ws.close();
    await a.closed;
    await vi.waitFor(async () => {
      const c = new Client(running.url);
      await c.opened;
    });
  });

  it('accepts and closes with 44xx who must stop', async () => {
    const { url } = await run();
    expect(await new Client(url, ['signalbox.v9']).closed).toMatchObject({ code: CLOSE.protocol });
    const strict = await run({ authenticator: { identify: () => null, verified: true } });
    expect(await new Client(strict.url, ['signalbox.v1']).closed).toMatchObject({ code: CLOSE.unauthenticated });
    expect(strict.first()).toBe(0);
  });

  it('survives an authenticator that breaks', async () => {
    const { port, house } = await run({
      authenticator: {
        verified: true,
        identify: () => {
          throw new Error('secret');
        },
      },
    });
    expect(await refusedBy(port, '/events')).toMatchObject({ status: 500, body: { code: 'internal' } });
    expect(house.reports).toMatchObject([{ error: { message: 'secret' } }]);
  });

  it('closes on a message above 64 KiB', async () => {
    const running = await run();
    const client = await liveClient(running);
    client.ws.send('x'.repeat(MAX_MESSAGE_BYTES + 1));
    expect(await client.closed).toMatchObject({ code: 1009 });
  });

  it('closes on a message in too many pieces', async () => {
    const running = await run();
    const client = await liveClient(running);
    for (let i = 0; i < 100; i++) client.ws.send('x', { fin: false });
    expect(await client.closed).toMatchObject({ code: 1008 });
  });

  it.each([['signalbox.v1'], []])('lets go of a viewer (%s) that leaves', async (...protocols) => {
    const running = await run();
    const client = new Client(running.url, protocols.filter(Boolean));
    if (protocols[0] === 'signalbox.v1') {
      await client.seen('hello');
      client.say({ type: 'resume', epoch: null, after: null, id: null });
      await client.seen('replayed');
    }
    const publish = () => running.house.bus.publish({ seq_no: 1, id: 'x', at: '2026-01-01T00:00:00.000Z', project: '*', kind: 'new' });
    await vi.waitFor(() => expect(publish()).toBe(1));
    client.ws.terminate();
    await vi.waitFor(() => expect(publish()).toBe(0));
    expect(running.gateway.metrics.find(({ name }) => name === 'signalbox_viewers')?.read()).toBe(0);
  });

  it('tells when somebody begins to watch', async () => {
    const running = await run();
    const a = new Client(running.url);
    await a.opened;
    await vi.waitFor(() => expect(running.first()).toBe(1));
    await new Client(running.url).opened;
    a.ws.close();
    await a.closed;
    expect(running.first()).toBe(1);
  });
});

describe('over real sockets', () => {
  it('a fresh viewer gets the state, then events, then logs before the end of their run', async () => {
    const running = await run();
    const { house } = running;
    await house.recordMany(3);
    const client = new Client(running.url, ['signalbox.v1']);
    await client.seen('hello');
    client.say({ type: 'resume', epoch: null, after: null, id: null });
    client.say({ type: 'watch', run_id: 1, offset: 0 });
    await client.seen('replayed');
    for (let i = 0; i < 20; i++) house.logs.write(1, `line ${i} äöü\n`);
    house.logs.close(1);
    await house.record(gateDone(1));
    await vi.waitFor(() => expect(client.seqs()).toEqual([4]));
    const frames = client.frames();
    const state = JSON.parse(frames.flatMap((frame) => (frame.type === 'snapshot' ? [frame.text] : [])).join('')) as object;
    expect(state).toMatchObject({ seq_no: 3 });
    expect(frames.flatMap((frame) => (frame.type === 'chunk' ? [frame.chunk.text] : [])).join('')).toContain('line 19 äöü\n');
    expect(frames.findIndex(({ type }) => type === 'log_end')).toBeLessThan(frames.findIndex(({ type }) => type === 'events'));
  });

  it('a viewer that does not read costs a bounded buffer, then learns its lag and is healed', async () => {
    const running = await run();
    const { house } = running;
    const client = await liveClient(running);
    client.socket.pause();
    const event = { kind: 'story_blocked' as const, story_id: 's', reason: 'x'.repeat(16 * 1024) };
    for (let i = 0; i < 1_500; i++) {
      await house.record(event);
      if (i % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(client.seqs().length).toBeLessThan(1_500);
    client.socket.resume();
    await vi.waitFor(() => expect(client.frames().at(-1)).toMatchObject({ type: 'replayed', upto: 1_500 }), 15_000);
    const frames = client.frames();
    const lagged = frames.findIndex(({ type }) => type === 'lagged');
    // The count is exact: all between the last event before it and the oldest that the ring still has.
    expect(frames[lagged]).toMatchObject({ skipped: 1_500 - 64 - (client.seqs().at(-1) ?? 0) });
    // A snapshot of the last 200 is less than more than a thousand events.
    expect(frames[lagged + 1]).toMatchObject({ type: 'snapshot', seq_no: 1_500 });
    const lags = frames.flatMap((frame) => (frame.type === 'lagged' ? [frame.skipped] : []));
    expect(lags.length).toBeGreaterThan(0);
    expect(frames.filter(({ type }) => type === 'replayed')).toHaveLength(lags.length + 1);
    expect(house.counters).toMatchObject({ lags: 0 });
    expect(running.gateway.metrics.find(({ name }) => name.includes('events_skipped'))?.read()).toBe(lags.reduce((a, b) => a + b));
  });

  it('a viewer that comes back goes on where it was', async () => {
    const running = await run();
    const a = await liveClient(running);
    await running.house.recordMany(5);
    await vi.waitFor(() => expect(a.seqs()).toHaveLength(5));
    a.ws.terminate();
    await running.house.recordMany(5);
    const b = new Client(running.url, ['signalbox.v1']);
    await b.seen('hello');
    b.say({ type: 'resume', epoch: EPOCH, after: 5, id: 'id-5' });
    await b.seen('replayed');
    expect(b.frames().map(({ type }) => type)).toEqual(['hello', 'events', 'replayed']);
    expect(b.seqs()).toEqual([6, 7, 8, 9, 10]);
  });

  it('a plain viewer reads envelopes and chunks without saying a word', async () => {
    const running = await run();
    await running.house.recordMany(2);
    const [all, now, quiet] = [new Client(`${running.url}?after=0`), new Client(running.url), new Client(`${running.url}?logs=0`)];
    await Promise.all([all.opened, now.opened, quiet.opened]);
    await vi.waitFor(() => expect(all.texts).toHaveLength(2));
    running.house.logs.write(1, 'chunk');
    await running.house.record(story());
    const kinds = (client: Client) => client.texts.map((text) => (JSON.parse(text) as { kind: string }).kind);
    await vi.waitFor(() => expect(kinds(all).sort()).toEqual(['gate_log_chunk', 'story_blocked', 'story_blocked', 'story_blocked']));
    await vi.waitFor(() => expect(kinds(now).sort()).toEqual(['gate_log_chunk', 'story_blocked']));
    await vi.waitFor(() => expect(kinds(quiet)).toEqual(['story_blocked']));
  });

  it('pings reach both kinds of viewers', async () => {
    const running = await run();
    const live = await liveClient(running);
    const plain = new Client(running.url);
    const pinged = new Promise((resolve) => plain.ws.once('ping', resolve));
    await plain.opened;
    running.house.clock.advance(5_000);
    await live.seen('ping');
    await pinged;
    running.house.clock.advance(5_000);
    await vi.waitFor(() => expect(live.frames().filter(({ type }) => type === 'ping')).toHaveLength(2));
  });

  it('pings go on when the wall clock is set back', async () => {
    const running = await run();
    const live = await liveClient(running);
    running.house.clock.setBack(60_000);
    running.house.clock.advance(5_000);
    await live.seen('ping');
  });

  it('closing tells every viewer, twice is the same, and nobody comes in after', async () => {
    const running = await run();
    const clients = [await liveClient(running), new Client(running.url)];
    await Promise.all(clients.map((client) => client.opened));
    const closing = running.gateway.close();
    expect(running.gateway.close()).toBe(closing);
    expect(await refusedBy(running.port, '/events')).toMatchObject({ status: 503 });
    expect(await Promise.all(clients.map((client) => client.closed))).toMatchObject([
      { code: CLOSE.going_away },
      { code: CLOSE.going_away },
    ]);
    await closing;
    expect(running.house.clock.timers).toBe(0);
    expect(running.house.bus.publish({ seq_no: 1, id: 'x', at: '2026-01-01T00:00:00.000Z', project: '*', kind: 'new' })).toBe(0);
  });
});
