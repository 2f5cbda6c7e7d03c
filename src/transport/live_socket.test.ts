import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { encodeFrame } from '../shared/protocol/codec.ts';
import { events, ping } from './frames_for_tests.ts';
import {
  closeMeaning,
  FRESH_MS,
  MIN_UPTIME_MS,
  PING_INTERVAL_MS,
  RETRY_LEAST_MS,
  SILENT_MS,
  SPREAD_PER_VIEWER_MS,
  VIEWERS_ASSUMED,
  VIEWERS_FADE,
} from './link_timing.ts';
import { LiveSocket, type Link, type LinkListener } from './live_socket.ts';

/** A link the test drives. */
class FakeLink {
  onopen: Link['onopen'] = null;
  onclose: Link['onclose'] = null;
  onmessage: Link['onmessage'] = null;
  readyState = 0;
  sent: string[] = [];
  closed = 0;
  send(data: unknown): void {
    this.sent.push(String(data));
  }
  close(): void {
    this.closed++;
    this.readyState = 3;
  }
  open(): void {
    this.readyState = 1;
    this.onopen?.({});
  }
  receive(data: string): void {
    this.onmessage?.({ data });
  }
  lose(code: number, reason = ''): void {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }
}

let links: FakeLink[];
let told: string[];
let socket: LiveSocket;
let random: number;
const last = (): FakeLink => links.at(-1)!;

beforeEach(() => {
  vi.useFakeTimers();
  links = [];
  told = [];
  random = 0.5;
  const listener: LinkListener = {
    opened: () => told.push('opened'),
    frame: (frame) => told.push(frame.type),
    waiting: (at) => told.push(`waiting ${Math.round(at - performance.now())}`),
    connecting: () => told.push('connecting'),
    stopped: (reason, code) => told.push(`stopped ${code} ${reason}`),
    defect: () => told.push('defect'),
  };
  socket = new LiveSocket('ws://x/events', listener, {
    now: () => performance.now(),
    random: () => random,
    make: () => {
      const link = new FakeLink();
      links.push(link);
      return link;
    },
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

const said = (viewers: number): string => encodeFrame({ ...ping(0), viewers });
/** Half of the first window of a page that has heard of no others. */
const FIRST_WAIT_MS = (VIEWERS_ASSUMED * SPREAD_PER_VIEWER_MS) / 2;

test('silence replaces the link by a new instance; the old one is heard no more', () => {
  last().open();
  const old = last();
  const heard = old.onmessage;
  vi.advanceTimersByTime(SILENT_MS);
  expect(told).not.toContain(`waiting ${FIRST_WAIT_MS}`);
  vi.advanceTimersByTime(1_000);
  expect(told.at(-1)).toBe(`waiting ${FIRST_WAIT_MS}`);
  vi.advanceTimersByTime(FIRST_WAIT_MS);
  expect(links).toHaveLength(2);
  expect(old.closed).toBe(1);
  expect(old.onmessage).toBeNull();
  expect(heard).not.toBeNull();
});

test('after a sleep what is left of the old link proves nothing: it is replaced, and the levers wait for the new one', () => {
  last().open();
  vi.setSystemTime(Date.now() + 3_600_000);
  const asleep = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 3_600_000);
  last().receive(encodeFrame(ping(3)));
  asleep.mockRestore();
  expect(told.slice(-2)).toEqual(['opened', expect.stringContaining('waiting')]);
  expect(last().closed).toBe(1);
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
    expect(told.at(-1)).toBe(`waiting ${FIRST_WAIT_MS}`);
    vi.advanceTimersByTime(FIRST_WAIT_MS);
    expect(links).toHaveLength(2);
    expect(links[0]!.closed).toBe(1);
  });

  test.each([4400, 4401, 4406, 4499])('%d: it stops, and nothing starts it again', (code) => {
    last().open();
    last().lose(code, 'why');
    expect(told.at(-1)).toContain(`stopped ${code}`);
    expect(last().closed).toBe(1);
    socket.refresh();
    socket.replace();
    socket.replaceInTurn();
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

test('looked at while a link is being built, it is left to it; after a while it is not', () => {
  socket.refresh();
  expect(links).toHaveLength(1);
  vi.advanceTimersByTime(FRESH_MS + 1);
  socket.refresh();
  expect(links).toHaveLength(2);
});

describe('coming back in turn', () => {
  /** Ms the page waits after its link is lost. */
  const wait = (): number => Number(told.at(-1)!.replace('waiting ', ''));

  test('the time grows with the viewers that were heard of', () => {
    last().open();
    last().receive(said(500));
    last().lose(1006);
    expect(wait()).toBe(250 * SPREAD_PER_VIEWER_MS);
    vi.advanceTimersByTime(wait() - 1);
    expect(links).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(links).toHaveLength(2);
  });

  test('a single page comes back at once', () => {
    last().open();
    for (let i = 0; i < 80; i++) {
      vi.advanceTimersByTime(PING_INTERVAL_MS);
      last().receive(said(1));
    }
    last().lose(1006);
    expect(wait()).toBeLessThanOrEqual(SPREAD_PER_VIEWER_MS);
  });

  test('while they come back, the few that are there are not taken for all', () => {
    last().open();
    last().receive(said(500));
    last().receive(said(10));
    last().lose(1006);
    expect(wait()).toBe(250 * VIEWERS_FADE * SPREAD_PER_VIEWER_MS);
  });

  test('a link that was closed before its hello waits for its turn too, and silence is no other loss', () => {
    last().open();
    last().receive(said(500));
    last().lose(1006);
    vi.advanceTimersByTime(wait());
    last().open();
    last().lose(1013);
    // The rest of the window before, and half of its own.
    expect(wait()).toBe(500 * SPREAD_PER_VIEWER_MS);
    vi.advanceTimersByTime(wait());
    last().open();
    vi.advanceTimersByTime(SILENT_MS + 1_000);
    expect(wait()).toBe(250 * SPREAD_PER_VIEWER_MS);
  });

  test('looked at, it goes at once, and that costs no turn', () => {
    last().open();
    last().receive(said(500));
    last().lose(1006);
    const turn = wait();
    vi.advanceTimersByTime(1_000);
    socket.replace();
    expect(links).toHaveLength(2);
    last().lose(1006);
    expect(wait()).toBe(turn - 1_000);
  });

  test('a fault that a new link meets again is met ever more seldom, until a link has held', () => {
    random = 1;
    const lose = (after: number): number => {
      last().open();
      last().receive(said(0));
      vi.advanceTimersByTime(after);
      last().receive(encodeFrame(events(0, 1)));
      socket.replaceInTurn();
      const ms = wait();
      vi.advanceTimersByTime(ms);
      return ms;
    };
    const waits = Array.from({ length: 4 }, () => lose(0));
    expect(waits[1]).toBeGreaterThanOrEqual(RETRY_LEAST_MS);
    expect(waits).toEqual(waits.toSorted((a, b) => a - b));
    expect(lose(MIN_UPTIME_MS)).toBeLessThan(waits[1]!);
  });
});

test('stop is final and may be called twice', () => {
  last().open();
  socket.stop();
  socket.stop();
  vi.advanceTimersByTime(60_000);
  expect(links).toHaveLength(1);
});

describe('timing', () => {
  test('the reason of a stop is a sentence, also without one from the server', () => {
    expect(closeMeaning(4406, '')).toMatchObject({ then: 'stop', reason: 'This page is older than the server. Reload it.' });
    expect(closeMeaning(4444, '')).toMatchObject({ reason: 'The server ended this connection for good (4444).' });
    expect(closeMeaning(4444, 'Closed for the night.')).toMatchObject({ reason: 'Closed for the night.' });
  });
});
