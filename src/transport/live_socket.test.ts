import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { encodeFrame } from '../shared/protocol/codec.ts';
import { events, ping } from './frames_for_tests.ts';
import {
  closeMeaning,
  FRESH_MS,
  PING_INTERVAL_MS,
  REPLACE_PACE_MS,
  retryDelay,
  retryDelays,
  SILENT_MS,
  type RetryDelays,
} from './link_timing.ts';
import { LiveSocket, type Link, type LinkListener } from './live_socket.ts';

/** A link the test drives. */
class FakeLink {
  onopen: Link['onopen'] = null;
  onclose: Link['onclose'] = null;
  onmessage: Link['onmessage'] = null;
  readyState = 0;
  retryCount = 0;
  sent: string[] = [];
  closed = 0;
  readonly delays: RetryDelays;
  constructor(delays: RetryDelays) {
    this.delays = delays;
  }
  send(data: unknown): void {
    this.sent.push(String(data));
  }
  close(): void {
    this.closed++;
    this.readyState = 3;
  }
  open(): void {
    this.readyState = 1;
    this.onopen?.({} as never);
  }
  receive(data: string): void {
    this.onmessage?.({ data } as never);
  }
  lose(code: number, reason = ''): void {
    this.readyState = 3;
    this.retryCount++;
    this.onclose?.({ code, reason } as never);
  }
}

let links: FakeLink[];
let told: string[];
let socket: LiveSocket;
const last = (): FakeLink => links.at(-1)!;

beforeEach(() => {
  vi.useFakeTimers();
  links = [];
  told = [];
  const listener: LinkListener = {
    opened: () => told.push('opened'),
    frame: (frame) => told.push(frame.type),
    waiting: (at) => told.push(`waiting ${at > Date.now()}`),
    connecting: () => told.push('connecting'),
    stopped: (reason, code) => told.push(`stopped ${code} ${reason}`),
    defect: () => told.push('defect'),
  };
  socket = new LiveSocket('ws://x/events', listener, (_, delays) => {
    const link = new FakeLink(delays);
    links.push(link);
    return link;
  });
  socket.start();
});
afterEach(() => {
  socket.stop();
  vi.useRealTimers();
});

test('a ping is answered in the handler it arrives in', () => {
  last().open();
  last().receive(encodeFrame(ping(3)));
  expect(last().sent).toEqual([encodeFrame({ type: 'pong' })]);
  expect(told).toEqual(['connecting', 'opened', 'ping']);
});

test('nothing is queued for a link that is not open', () => {
  expect(socket.send({ type: 'pong' })).toBe(false);
  last().open();
  expect(socket.send({ type: 'pong' })).toBe(true);
  expect(last().sent).toHaveLength(1);
});

test('silence replaces the link by a new instance; the old one is heard no more', () => {
  last().open();
  const old = last();
  const heard = old.onmessage;
  vi.advanceTimersByTime(SILENT_MS);
  expect(links).toHaveLength(1);
  vi.advanceTimersByTime(1_000);
  expect(links).toHaveLength(2);
  expect(old.closed).toBe(1);
  expect(old.onmessage).toBeNull();
  expect(heard).not.toBeNull();
});

test('a word in time keeps the link', () => {
  last().open();
  for (let i = 0; i < 10; i++) {
    vi.advanceTimersByTime(PING_INTERVAL_MS);
    last().receive(encodeFrame(ping(i)));
  }
  expect(links).toHaveLength(1);
});

describe('closed by the server', () => {
  test.each([1000, 1001, 1006, 4000, 4002, 4399, 4500])('%d: it comes back by itself', (code) => {
    last().open();
    last().lose(code);
    expect(told.at(-1)).toBe('waiting true');
    expect(links).toHaveLength(1);
    expect(last().closed).toBe(0);
  });

  test.each([4400, 4401, 4406, 4499])('%d: it stops, and nothing starts it again', (code) => {
    last().open();
    last().lose(code, 'why');
    expect(told.at(-1)).toContain(`stopped ${code}`);
    expect(last().closed).toBe(1);
    socket.refresh();
    socket.replace();
    socket.replacePaced();
    vi.advanceTimersByTime(60_000);
    expect(links).toHaveLength(1);
  });
});

test('a frame that cannot be read stops the page rather than leaving a hole', () => {
  last().open();
  last().receive('{"type":"events","after":1}');
  expect(told.at(-1)).toBe('defect');
  expect(last().closed).toBe(1);
});

test('looked at again: a link heard of within a ping stays, a quiet or lost one is replaced', () => {
  last().open();
  vi.advanceTimersByTime(FRESH_MS);
  socket.refresh();
  expect(links).toHaveLength(1);
  vi.advanceTimersByTime(1);
  socket.refresh();
  expect(links).toHaveLength(2);
  last().open();
  last().lose(1006);
  socket.refresh();
  expect(links).toHaveLength(3);
});

test('a fault that a new link would meet again is not met more than once in two seconds', () => {
  last().open();
  vi.advanceTimersByTime(REPLACE_PACE_MS);
  socket.replacePaced();
  expect(links).toHaveLength(2);
  last().open();
  last().receive(encodeFrame(events(0, 1)));
  socket.replacePaced();
  expect(links).toHaveLength(2);
  expect(told.at(-1)).toBe('waiting true');
  vi.advanceTimersByTime(REPLACE_PACE_MS);
  expect(links).toHaveLength(3);
});

test('stop is final and may be called twice', () => {
  last().open();
  socket.stop();
  socket.stop();
  vi.advanceTimersByTime(60_000);
  expect(links).toHaveLength(1);
});

describe('timing', () => {
  test('each instance has bounds of its own', () => {
    expect(retryDelays(() => 0)).not.toEqual(retryDelays(() => 0.9));
    socket.replace();
    expect(links[0]!.delays).not.toEqual(links[1]!.delays);
  });

  test('the delays grow to their bound, and the first try waits for nothing', () => {
    const delays = { min_ms: 500, max_ms: 2_000, grow: 2 };
    expect([0, 1, 2, 3, 4, 9].map((retry) => retryDelay(delays, retry))).toEqual([0, 500, 1_000, 2_000, 2_000, 2_000]);
  });

  test('the reason of a stop is a sentence, also without one from the server', () => {
    expect(closeMeaning(4406, '')).toMatchObject({ then: 'stop', reason: 'This page is older than the server. Reload it.' });
    expect(closeMeaning(4444, '')).toMatchObject({ reason: 'The server ended this connection for good (4444).' });
    expect(closeMeaning(4444, 'Closed for the night.')).toMatchObject({ reason: 'Closed for the night.' });
  });
});
