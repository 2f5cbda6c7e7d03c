import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { Envelope } from '../../src/shared/protocol/envelope.ts';
import type { Event } from '../../src/shared/protocol/events/event.ts';
import { ProjectId } from '../../src/shared/protocol/ids.ts';
import { LogError, type EventLog } from '../eventlog/port.ts';
import { BEAT_INTERVAL_MS, parseEventId } from './event_stream.ts';
import { ask, openHello, openHouse, type House } from './house_for_tests.ts';

const story = (story_id: string): Event => ({ kind: 'story_blocked', story_id, reason: 'why' });

/** A house that listens on a port of its own. */
async function listening(house: House): Promise<number> {
  await house.app.listen({ host: '127.0.0.1', port: 0 });
  return (house.app.server.address() as AddressInfo).port;
}

async function openListening(): Promise<{ house: House; port: number }> {
  let port = 0;
  const house = await openHello({ port: () => port });
  port = await listening(house);
  return { house, port };
}

interface Stream {
  text(): string;
  seqs(): number[];
  ended: Promise<void>;
  hangUp(): void;
}

async function open(port: number, headers: Record<string, string> = {}, query = ''): Promise<Stream> {
  const response = await new Promise<IncomingMessage>((resolve, reject) =>
    get({ host: '127.0.0.1', port, path: `/api/v1/events/stream${query}`, headers }, resolve).on('error', reject),
  );
  expect(response.statusCode).toBe(200);
  expect(response.headers['content-type']).toBe('text/event-stream');
  let received = '';
  response.setEncoding('utf8').on('data', (text: string) => (received += text));
  onTestFinished(() => void response.destroy());
  return {
    text: () => received,
    seqs: () => [...received.matchAll(/^id: 1-test:(\d+):id-\1$/gm)].map(([, n]) => Number(n)),
    ended: new Promise((resolve) => response.on('close', resolve)),
    hangUp: () => void response.destroy(),
  };
}

it('sends what happens from now on, one envelope an event', async () => {
  const { house, port } = await openListening();
  const stream = await open(port);
  await vi.waitFor(() => expect(stream.text()).toContain(': open'));
  const envelope = await house.record('hello', story('s'));
  await vi.waitFor(() => expect(stream.seqs()).toEqual([2]));
  const data = /^id: 1-test:2:id-2\ndata: (.+)\n\n/m.exec(stream.text())?.[1] ?? '';
  expect(JSON.parse(data)).toEqual(envelope);
});

it('goes on after Last-Event-ID without a seam, also while events pour in', async () => {
  const { house, port } = await openListening();
  for (let i = 0; i < 700; i++) await house.record('hello', story(`s${i}`));
  const stream = await open(port, { 'last-event-id': '1-test:3:id-3' });
  for (let i = 0; i < 700; i++) await house.record('hello', story(`t${i}`));
  await vi.waitFor(() => expect(stream.seqs()).toHaveLength(1398));
  expect(stream.seqs()).toEqual(Array.from({ length: 1398 }, (_, i) => i + 4));
  expect(stream.text()).not.toContain('reset');
});

it('takes ?after= on trust', async () => {
  const { house, port } = await openListening();
  await house.record('hello', story('s'));
  const stream = await open(port, {}, '?after=0');
  await vi.waitFor(() => expect(stream.seqs()).toEqual([1, 2]));
});

it.each([
  ['another epoch', '2-other:1:id-1', 'another history'],
  ['another envelope at the number', '1-test:1:id-x', 'another history'],
  ['a number beyond the head', '1-test:99:id-99', 'ends at 2 and does not reach'],
])('says reset for %s, and goes on from the head', async (_what, id, why) => {
  const { house, port } = await openListening();
  await house.record('hello', story('s'));
  const stream = await open(port, { 'last-event-id': id });
  await vi.waitFor(() => expect(stream.text()).toMatch(/^event: reset\ndata: \{"epoch":"1-test","head":2,/));
  expect(stream.text()).toContain(why);
  await house.record('hello', story('t'));
  await vi.waitFor(() => expect(stream.seqs()).toEqual([3]));
});

/** A log of eight events that can be trimmed while it is read. */
function trimmable(floor: number): { log: Pick<EventLog, 'read' | 'bounds'>; grow: (floor: number, head: number) => void } {
  const bounds = { floor, head: 8, epoch: '1-test' };
  return {
    log: {
      bounds: () => bounds,
      async read(after, limit) {
        if (after < bounds.floor) throw new LogError('below_floor', 'trimmed');
        const envelopes = Array.from({ length: Math.min(limit, bounds.head - after) }, (_, i) => storyAt(after + 1 + i));
        return { envelopes, upto: after + envelopes.length };
      },
    },
    grow: (floor, head) => void Object.assign(bounds, { floor, head }),
  };
}

const storyAt = (seq_no: number): Envelope => ({
  seq_no,
  id: `id-${seq_no}`,
  at: '2026-01-01T00:00:00.000Z',
  project: ProjectId.parse('hello'),
  ...story('s'),
});

it('names what was trimmed, and goes on behind it', async () => {
  let port = 0;
  const house = await openHouse({ port: () => port, log: trimmable(5).log });
  port = await listening(house);
  const stream = await open(port, {}, '?after=2');
  await vi.waitFor(() => expect(stream.seqs()).toEqual([6, 7, 8]));
  expect(stream.text()).toMatch(/^event: history_gap\ndata: \{"from":3,"to":5,"why":"The event log was trimmed/);
});

it('names what was trimmed under a reader', async () => {
  let port = 0;
  const { log, grow } = trimmable(0);
  const house = await openHouse({ port: () => port, log });
  port = await listening(house);
  const stream = await open(port);
  await vi.waitFor(() => expect(stream.text()).toContain(': open'));
  grow(12, 14);
  house.bus.publish(storyAt(14));
  await vi.waitFor(() => expect(stream.seqs()).toEqual([13, 14]));
  expect(stream.text()).toContain('event: history_gap\ndata: {"from":9,"to":12,');
});

it('reads only ids of ours', async () => {
  expect(parseEventId('3-a.b:12:0190-x')).toEqual({ seq_no: 12, epoch: '3-a.b', id: '0190-x' });
  for (const id of ['', '12', '1-a:x:y', '1-a:1:', '1-a:1:a:b', '1-a:1:a b']) expect(parseEventId(id)).toBeNull();
  expect(await ask(await openHouse(), 'GET', '/api/v1/events/stream', { headers: { 'last-event-id': 'x' } })).toMatchObject({
    status: 400,
    body: { code: 'malformed' },
  });
});

it('beats while nothing happens', async () => {
  let wake = (): void => {};
  let port = 0;
  const now = Date.parse('2026-01-01T00:00:00.000Z');
  const clock = {
    now: () => now,
    steady: () => now,
    wakeAt: () => () => {},
    after: (ms: number, then: () => void) => {
      if (ms === BEAT_INTERVAL_MS) wake = then;
      return () => {};
    },
  };
  const house = await openHello({ port: () => port, clock });
  port = await listening(house);
  const stream = await open(port);
  await vi.waitFor(() => {
    wake();
    expect(stream.text()).toContain(': 2026-01-01T00:00:00.000Z\n\n');
  });
  await house.record('hello', story('s'));
  await vi.waitFor(() => expect(stream.seqs()).toEqual([2]));
});

it('lets go of the cursor when the caller hangs up, and counts streams', async () => {
  const { house, port } = await openListening();
  const open_ = async () =>
    /^signalbox_event_streams (\d+)$/m.exec(
      (await ask({ ...house, app: house.app }, 'GET', '/metrics', { headers: { host: `127.0.0.1:${port}` } })).text,
    )?.[1];
  const stream = await open(port);
  await vi.waitFor(() => expect(stream.text()).toContain(': open'));
  expect(await open_()).toBe('1');
  expect(house.bus.publish(await house.record('hello', story('s')))).toBe(1);
  stream.hangUp();
  await vi.waitFor(async () => expect(await open_()).toBe('0'));
  expect(house.bus.publish(await house.record('hello', story('t')))).toBe(0);
});

it('ends when the server closes', async () => {
  const { house, port } = await openListening();
  const stream = await open(port);
  await vi.waitFor(() => expect(stream.text()).toContain(': open'));
  await house.app.close();
  await stream.ended;
});

it('refuses more streams than it can hold', async () => {
  const { port } = await openListening();
  await Promise.all(Array.from({ length: 100 }, () => open(port)));
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/events/stream`);
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ code: 'unavailable' });
});
