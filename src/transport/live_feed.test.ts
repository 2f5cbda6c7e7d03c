import { beforeEach, describe, expect, test } from 'vitest';
import type { FrameUp } from '../shared/protocol/frames.ts';
import { AT, envelope, events, hello, ping, replayed, snapshotParts, stateAt } from './frames_for_tests.ts';
import { ANSWER_WITHIN_MS } from './link_timing.ts';
import { LiveFeed, type FeedListener } from './live_feed.ts';
import type { LogWatcher } from './log_watches.ts';

let now: number;
let told: string[];
let sent: FrameUp[];
let replaced: number;
let stopped: number;
let feed: LiveFeed;

beforeEach(() => {
  now = 1_000;
  told = [];
  sent = [];
  replaced = stopped = 0;
  const listener: FeedListener = {
    snapshot: (state) => told.push(`snapshot ${state.seq_no}`),
    events: (items, live) => told.push(`events ${items.map((e) => e.seq_no).join()} ${live ? 'live' : 'replayed'}`),
    caughtUp: (skipped) => told.push(`caught up ${skipped}`),
    catchingUp: () => told.push('catching up'),
    anotherHistory: () => told.push('another history'),
    hello: () => told.push('hello'),
    heard: () => undefined,
    position: () => undefined,
    newVersion: (need, version) => told.push(`new version ${need} ${version}`),
    connecting: () => undefined,
    opened: () => undefined,
    waiting: () => undefined,
    stopped: () => undefined,
    defect: () => told.push('defect'),
    complained: (message) => told.push(`complained ${message}`),
  };
  feed = new LiveFeed(listener, () => now);
  feed.attach({ send: (frame) => sent.push(frame) > 0, replaceInTurn: () => replaced++, stop: () => stopped++ });
});

function connect(): void {
  feed.connecting();
  feed.opened();
  feed.frame(hello());
}

test('hello is answered with resume, then snapshot, missing events and live ones are told apart', () => {
  connect();
  expect(sent).toEqual([{ type: 'resume', epoch: null, after: null, id: null }]);
  for (const part of snapshotParts(stateAt(5), 2)) feed.frame(part);
  feed.frame(events(5, 6));
  feed.frame(replayed(6));
  feed.frame(events(6, 7));
  expect(told).toEqual(['hello', 'snapshot 5', 'events 6 replayed', 'caught up 0', 'events 7 live']);
});

test('a new link goes on where the old one was', () => {
  connect();
  feed.frame(events(0, 3));
  feed.waiting(0);
  connect();
  expect(sent.at(-1)).toEqual({ type: 'resume', epoch: '1-a', after: 3, id: 'id-3' });
});

describe('a hole', () => {
  beforeEach(() => {
    connect();
    feed.frame(events(0, 3));
    feed.frame(replayed(3));
    feed.frame(events(5, 6));
  });

  test('is not passed on: the page is told, and what is missing is asked for on the same link', () => {
    expect(told.slice(-2)).toEqual(['caught up 0', 'catching up']);
    expect(replaced).toBe(0);
    expect(sent.at(-1)).toEqual({ type: 'resume', epoch: '1-a', after: 3, id: 'id-3' });
    feed.frame(events(6, 7));
    feed.frame(events(3, 7));
    feed.frame(replayed(7));
    feed.frame(events(7, 8));
    expect(told.slice(-3)).toEqual(['events 4,5,6,7 replayed', 'caught up 0', 'events 8 live']);
    expect(replaced).toBe(0);
  });

  test('a second one before it is whole again: a new link, from the last good position', () => {
    feed.frame(events(3, 4));
    feed.frame(events(5, 6));
    expect(replaced).toBe(1);
    connect();
    expect(sent.at(-1)).toMatchObject({ epoch: '1-a', after: 4 });
  });

  test('a third: the position is not believed, a snapshot is asked for', () => {
    feed.frame(events(3, 4));
    feed.frame(events(5, 6));
    connect();
    feed.frame(events(5, 6));
    expect(replaced).toBe(2);
    connect();
    expect(sent.at(-1)).toEqual({ type: 'resume', epoch: null, after: null, id: null });
  });

  test('once it is whole again the next one is a first one', () => {
    feed.frame(events(3, 4));
    feed.frame(replayed(4));
    feed.frame(events(5, 6));
    expect(replaced).toBe(0);
    expect(sent.at(-1)).toMatchObject({ type: 'resume', after: 4 });
  });

  test('a server that speaks of other things only has not answered: a new link', () => {
    now += ANSWER_WITHIN_MS;
    feed.frame(ping(9));
    expect(replaced).toBe(0);
    now += 1;
    feed.frame(events(8, 9));
    expect(replaced).toBe(0);
    feed.frame(ping(9));
    expect(replaced).toBe(1);
  });

  test('a snapshot with a part missing is one too', () => {
    feed.frame(events(3, 4));
    feed.frame(replayed(4));
    feed.frame(snapshotParts(stateAt(9), 3)[2]!);
    expect(told.at(-1)).toBe('catching up');
    expect(sent.at(-1)).toMatchObject({ type: 'resume', after: 4 });
  });
});

test('a server with another event log is told of, and only then', () => {
  connect();
  connect();
  expect(told).not.toContain('another history');
  feed.connecting();
  feed.frame(hello({ epoch: '2-b' }));
  expect(told.at(-1)).toBe('another history');
});

test('while lagging behind events are not called live', () => {
  connect();
  feed.frame(replayed(0));
  feed.frame({ type: 'lagged', at: AT, skipped: 3 });
  feed.frame(events(0, 3));
  feed.frame(replayed(3));
  feed.frame(events(3, 4));
  expect(told.slice(-4)).toEqual(['catching up', 'events 1,2,3 replayed', 'caught up 3', 'events 4 live']);
});

describe('versions', () => {
  test.each([{ protocol: 99 }, { fold_version: 99 }])('%j cannot be read: it stops before anything is', (other) => {
    feed.connecting();
    feed.opened();
    feed.frame(hello({ ...other, server_version: '9.0.0' }));
    expect(told).toEqual(['new version required 9.0.0']);
    expect(sent).toEqual([]);
    expect(stopped).toBe(1);
  });

  test('another build of the same protocol is offered and goes on', () => {
    connect();
    feed.connecting();
    feed.frame(hello({ server_version: '1.0.1' }));
    expect(told).toEqual(['hello', 'new version offered 1.0.1', 'hello']);
    expect(sent).toHaveLength(2);
  });
});

test('a snapshot that is no state stops the page', () => {
  connect();
  feed.frame({ type: 'snapshot', epoch: '1-a', seq_no: 5, part: 1, of: 1, text: '[]' });
  expect(told.at(-1)).toBe('defect');
  expect(stopped).toBe(1);
});

describe('logs', () => {
  const watcher = (offset: number): LogWatcher & { got: unknown[] } => {
    const got: unknown[] = [];
    return {
      got,
      offset: () => offset,
      chunk: (c) => got.push(c.text),
      gap: (from, to) => got.push([from, to]),
      end: (bytes) => got.push(bytes),
      failed: (m) => got.push(m),
    };
  };
  const chunk = (run_id: number, text: string): Parameters<LiveFeed['frame']>[0] =>
    ({ type: 'chunk', chunk: { kind: 'gate_log_chunk', at: AT, project: 'hello', run_id, seq: 0, text } }) as Parameters<
      LiveFeed['frame']
    >[0];

  test('a run is asked for once greeted, and again from its offset on every new link', () => {
    feed.watch(42, watcher(7));
    expect(sent).toEqual([]);
    connect();
    expect(sent.at(-1)).toEqual({ type: 'watch', run_id: 42, offset: 7 });
    connect();
    expect(sent.filter((f) => f.type === 'watch')).toHaveLength(2);
  });

  test('on a new link a log is asked for once its watcher is ready for it, and on that link only', async () => {
    let ready = Promise.withResolvers<void>();
    let asked = 0;
    const watches = (): number => sent.filter((f) => f.type === 'watch').length;
    feed.watch(42, { ...watcher(7), relinked: () => (asked++, ready.promise) });
    connect();
    expect([asked, watches()]).toEqual([0, 1]);
    connect();
    const late = ready;
    ready = Promise.withResolvers();
    connect();
    late.resolve();
    await Promise.resolve();
    expect([asked, watches()]).toEqual([2, 1]);
    ready.resolve();
    await Promise.resolve();
    expect(watches()).toBe(2);
  });

  test('chunks, gaps, the end and refusals reach the watcher of that run alone', () => {
    connect();
    const mine = watcher(0);
    feed.watch(42, mine);
    feed.watch(43, watcher(0));
    feed.frame(chunk(42, 'a'));
    feed.frame(chunk(43, 'b'));
    feed.frame({ type: 'log_gap', run_id: 42, from: 1, to: 9 });
    feed.frame({ type: 'log_end', run_id: 42, bytes: 9 });
    feed.frame({ type: 'error', code: 'gone', message: 'No log.', run_id: 42 });
    expect(mine.got).toEqual(['a', [1, 9], 9, 'No log.']);
  });

  test('unwatched it is heard no more, and not asked for again', () => {
    connect();
    const mine = watcher(0);
    const undo = feed.watch(42, mine);
    undo();
    undo();
    expect(sent.filter((f) => f.type === 'unwatch')).toHaveLength(1);
    feed.frame(chunk(42, 'a'));
    connect();
    expect(mine.got).toEqual([]);
    expect(sent.filter((f) => f.type === 'watch')).toHaveLength(1);
  });
});

test('the age of a frame: half the round trip of the resume, and what is worse than the best', () => {
  const server = Date.parse(AT);
  feed.connecting();
  feed.opened();
  now = 100;
  feed.frame(hello());
  now = 160;
  feed.frame(replayed(0));
  now = 5_100;
  feed.frame(ping(0, new Date(server + 5_000).toISOString()));
  expect(feed.clock.latency_ms).toBe(30);
  now = 10_145;
  feed.frame(ping(0, new Date(server + 10_000).toISOString()));
  expect(feed.clock.latency_ms).toBe(75);
  expect(now + feed.clock.offset_ms!).toBe(server + 10_075);
});

test('an envelope of a kind from a later version is passed on', () => {
  connect();
  feed.frame({ type: 'events', after: 0, upto: 1, items: [envelope(1, { kind: 'tier_painted' })] });
  expect(told.at(-1)).toBe('events 1 replayed');
});
