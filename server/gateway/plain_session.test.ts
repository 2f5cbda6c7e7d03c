import { describe, expect, it, vi } from 'vitest';
import { CLOSE } from '../../src/shared/protocol/close_codes.ts';
import { gateDone, gateStart, House, settled, story } from './house_for_tests.ts';
import { MESSAGES_PER_PING, OUTBOX_HIGH_BYTES, PING_INTERVAL_MS } from './limits.ts';

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const seqs = (viewer: ReturnType<House['plain']>): (number | undefined)[] =>
  viewer
    .items()
    .filter(({ kind }) => kind === 'story_blocked')
    .map(({ seq_no }) => seq_no);

describe('envelopes', () => {
  it('come one a frame from now on, exactly as they are stored', async () => {
    const house = new House();
    await house.recordMany(3);
    const viewer = house.plain();
    await house.record(story('a'), story('b'));
    await settled();
    const { envelopes } = await house.log.read(3, 2);
    expect(viewer.items()).toEqual(JSON.parse(JSON.stringify(envelopes)));
  });

  it('are not lost when they are stored before and published after the viewer came', async () => {
    const house = new House();
    const envelope = { seq_no: 1, id: 'id-1', at: '2026-01-01T00:00:00.000Z', project: '*' as const, ...story() };
    await house.log.append([{ first_seq: 1, envelopes: [envelope] }], { expect_head: 0 });
    const viewer = house.plain();
    house.bus.publish(envelope);
    await settled();
    expect(seqs(viewer)).toEqual([1]);
  });

  it('are replayed after `after`, without a seam, and healed in silence', async () => {
    const house = new House({ capacity: 4 });
    await house.recordMany(300);
    const viewer = house.plain({ after: 10 });
    await house.recordMany(300);
    await settled();
    viewer.socket.stalled = true;
    for (let i = 0; i < 400; i++) await house.record({ kind: 'story_blocked', story_id: 's', reason: 'x'.repeat(4096) });
    await settled();
    expect(viewer.items().length).toBeLessThan(900);
    viewer.socket.flow();
    for (let i = 0; i < 20; i++) await settled();
    expect(seqs(viewer)).toEqual(range(11, 1000));
    expect(viewer.items().some(({ kind }) => kind === 'lagged')).toBe(false);
    expect(viewer.socket.mostBuffered).toBeLessThan(OUTBOX_HIGH_BYTES);
    expect(house.counters.lags).toBeGreaterThan(0);
  });

  it('that were missed are counted exactly when the viewer did not ask for a position', async () => {
    const house = new House({ capacity: 8 });
    const viewer = house.plain();
    viewer.socket.stalled = true;
    const fat = (): Parameters<House['record']>[0] => ({ kind: 'story_blocked', story_id: 's', reason: 'x'.repeat(100 * 1024) });
    for (let i = 0; i < 40; i++) {
      await house.record(fat());
      await settled();
    }
    viewer.socket.flow();
    for (let i = 0; i < 5; i++) await settled();
    const items = viewer.items();
    const at = items.findIndex(({ kind }) => kind === 'lagged');
    const [before, lagged, after] = [items[at - 1], items[at], items[at + 1]];
    expect(after?.seq_no).toBe(33);
    expect(lagged).toEqual({ kind: 'lagged', at: '2026-01-01T00:00:00.000Z', skipped: 32 - (before?.seq_no ?? 0) });
    expect(items.at(-1)?.seq_no).toBe(40);
    expect(items.filter(({ kind }) => kind === 'lagged')).toHaveLength(1);
  });

  it('that were trimmed are told as skipped', async () => {
    const house = new House({ floor: 5 });
    await house.recordMany(2);
    const viewer = house.plain({ after: 2 });
    await settled();
    expect(viewer.items()).toMatchObject([{ kind: 'lagged', skipped: 3 }, { seq_no: 6 }, { seq_no: 7 }]);
  });

  it('that are stored and not yet published come once to who has them from the log', async () => {
    const house = new House();
    await house.recordMany(1);
    const publish = house.bus.publish.bind(house.bus);
    const waiting: Parameters<typeof publish>[0][] = [];
    house.bus.publish = (envelope) => waiting.push(envelope);
    await house.recordMany(1);
    const viewer = house.plain({ after: 2 });
    for (const envelope of waiting) publish(envelope);
    house.bus.publish = publish;
    await house.recordMany(1);
    await settled();
    expect(seqs(viewer)).toEqual([3]);
  });
});

describe('chunks', () => {
  it('of every run come as they are written, before the end of the run', async () => {
    const house = new House();
    const viewer = house.plain();
    house.logs.write(1, 'one', 'build');
    house.logs.write(2, 'two');
    house.logs.write(2, 'more');
    house.logs.close(2);
    await house.record(gateDone(2));
    await settled();
    const items = viewer.items();
    expect(items.map(({ kind, text }) => text ?? kind).sort()).toEqual(['gate_done', 'more', 'one', 'two']);
    expect(items.findIndex(({ text }) => text === 'more')).toBeLessThan(items.findIndex(({ kind }) => kind === 'gate_done'));
    expect(items.find(({ text }) => text === 'one')).toEqual({
      kind: 'build_log_chunk',
      at: '2026-01-01T00:00:00.123Z',
      line: 1,
      project: 'hello',
      run_id: 1,
      seq: 0,
      text: 'one',
      offset: 0,
      bytes: 3,
    });
  });

  it('of a new run come after its start, however long the log before it takes', async () => {
    const house = new House();
    const viewer = house.plain();
    house.logs.write(1, 'one', 'build');
    await settled();
    let release = (): void => undefined;
    const slow = new Promise<void>((resolve) => (release = resolve));
    const read = house.logs.chunks.bind(house.logs);
    house.logs.chunks = async (run_id, offset, most) => {
      if (run_id === 1) await slow;
      return read(run_id, offset, most);
    };
    house.logs.write(1, 'end');
    house.logs.close(1);
    await house.record(gateDone(1), gateStart(2));
    house.logs.write(2, 'first');
    await settled();
    release();
    for (let i = 0; i < 5; i++) await settled();
    const told = viewer.items().map(({ kind, text }) => text ?? kind);
    expect(told).toEqual(['one', 'end', 'gate_done', 'gate_start', 'first']);
  });

  it('of a log that is written come after the start of its run where that is replayed, and only from now on', async () => {
    const house = new House();
    await house.record(gateStart(1));
    house.logs.write(1, 'before');
    await settled();
    const viewer = house.plain({ after: 0 });
    house.logs.write(1, 'since');
    for (let i = 0; i < 5; i++) await settled();
    expect(viewer.items().map(({ kind, text }) => text ?? kind)).toEqual(['gate_start', 'since']);
  });

  it('of a new run that is over before its start was given come between its start and its end', async () => {
    const house = new House();
    const viewer = house.plain();
    house.logs.write(1, 'one', 'build');
    await settled();
    let release = (): void => undefined;
    house.logs.held = new Promise<void>((resolve) => (release = resolve));
    house.logs.write(1, 'end');
    house.logs.close(1);
    await house.record(gateDone(1), gateStart(2), gateDone(2));
    house.logs.write(2, 'first');
    await settled();
    release();
    for (let i = 0; i < 5; i++) await settled();
    const told = viewer.items().map(({ kind, text }) => text ?? kind);
    expect(told).toEqual(['one', 'end', 'gate_done', 'gate_start', 'first', 'gate_done']);
  });

  it('of a new run that a viewer has no room for are a gap before its end', async () => {
    const house = new House();
    const viewer = house.plain();
    viewer.socket.stalled = true;
    await house.record({ kind: 'story_blocked', story_id: 's', reason: 'x'.repeat(OUTBOX_HIGH_BYTES) });
    await settled();
    await house.record(gateStart(2));
    for (let i = 0; i < 40; i++) house.logs.write(2, 'x'.repeat(60 * 1024));
    house.logs.close(2);
    await house.record(gateDone(2));
    await settled();
    viewer.socket.release();
    await settled();
    expect(viewer.items().slice(-2)).toMatchObject([{ kind: 'log_gap', run_id: 2, to: 40 * 60 * 1024 }, { kind: 'gate_done' }]);
  });

  it('of a new run come also when its start waits for the end of the window', async () => {
    const house = new House();
    const viewer = house.plain();
    await settled();
    await house.recordMany(1);
    await house.record(gateStart(2));
    house.logs.write(2, 'first');
    for (let i = 0; i < 3; i++) await settled();
    expect(viewer.items().map(({ kind, text }) => text ?? kind)).toEqual(['story_blocked', 'gate_start', 'first']);
  });

  it('of a run in progress come from now on', async () => {
    const house = new House();
    house.logs.write(1, 'before');
    house.logs.write(2, 'over');
    house.logs.close(2);
    const viewer = house.plain();
    house.logs.write(1, 'after');
    await settled();
    expect(viewer.items().map(({ text }) => text)).toEqual(['after']);
  });

  it('come once, also when the log is closed after it was read to its end', async () => {
    const house = new House();
    const viewer = house.plain();
    house.logs.write(1, 'x');
    await house.record(gateDone(1));
    await settled();
    house.logs.close(1);
    await settled();
    expect(viewer.items().map(({ kind }) => kind)).toEqual(['gate_log_chunk', 'gate_done']);
  });

  it('do not come with ?logs=0', async () => {
    const house = new House();
    const viewer = house.plain({ chunks: false });
    house.logs.write(1, 'x');
    house.logs.close(1);
    await house.record(gateDone(1));
    await settled();
    expect(viewer.items().map(({ kind }) => kind)).toEqual(['gate_done']);
  });

  it('that a slow viewer cannot take are a gap before the end of the run', async () => {
    const house = new House();
    const viewer = house.plain();
    viewer.socket.stalled = true;
    for (let i = 0; i < 40; i++) house.logs.write(1, 'x'.repeat(60 * 1024));
    house.logs.close(1);
    await settled();
    await house.record(gateDone(1));
    await settled();
    const items = viewer.items();
    expect(items.slice(-2)).toMatchObject([
      { kind: 'log_gap', run_id: 1, from: (items.length - 2) * 60 * 1024, to: 40 * 60 * 1024 },
      { kind: 'gate_done' },
    ]);
  });

  it('that cannot be read are reported once and left out', async () => {
    const house = new House();
    const viewer = house.plain();
    house.logs.failing = new Error('disk');
    house.logs.write(1, 'x');
    await settled();
    house.logs.failing = null;
    house.logs.write(1, 'y');
    await settled();
    expect(viewer.items()).toEqual([]);
    expect(house.reports).toHaveLength(1);
  });
});

it('is pinged, and ended when it does not answer', async () => {
  const house = new House();
  const viewer = house.plain();
  for (let i = 0; i < 20; i++) {
    house.tick(PING_INTERVAL_MS);
    viewer.session.heard();
  }
  expect(viewer.pings()).toBe(20);
  expect(viewer.socket.closed).toEqual([]);
  for (let i = 0; i < 9; i++) house.tick(PING_INTERVAL_MS);
  expect(viewer.socket.closed).toMatchObject([{ code: CLOSE.silent }]);
  expect(house.counters.closed_silent).toBe(1);
});

it('may say something, but not without end', () => {
  const viewer = new House().plain();
  for (let i = 0; i < MESSAGES_PER_PING; i++) viewer.session.receive('hello');
  expect(viewer.socket.closed).toEqual([]);
  viewer.session.receive('hello');
  expect(viewer.socket.closed).toMatchObject([{ code: CLOSE.protocol }]);
});

it('ends with the bus, or with the log, and leaves nothing behind', async () => {
  const house = new House();
  const [a, b] = [house.plain(), house.plain()];
  a.session.end();
  expect(house.bus.publish({ seq_no: 1, id: 'x', at: '2026-01-01T00:00:00.000Z', project: '*', kind: 'new' })).toBe(1);
  house.bus.close();
  await settled();
  expect(a.socket.closed).toEqual([]);
  expect(b.socket.closed).toMatchObject([{ code: CLOSE.going_away }]);
  expect(house.reports).toEqual([]);

  const broken = new House();
  await broken.recordMany(1);
  await broken.log.close();
  const c = broken.plain({ after: 0 });
  await settled();
  expect(c.socket.closed).toMatchObject([{ code: CLOSE.internal }]);
});

describe('a viewer that does not read', () => {
  it('is asked no page of the log for that it has no room for', async () => {
    const house = new House();
    for (let i = 0; i < 2_000; i++) await house.record({ kind: 'story_blocked', story_id: 's', reason: 'y'.repeat(900) });
    const asked: number[] = [];
    const { pages } = house.deps;
    const after = pages.after.bind(pages);
    vi.spyOn(pages, 'after').mockImplementation(async (seq_no) => {
      const page = await after(seq_no);
      asked.push(page?.items.at(-1)?.seq_no ?? 0);
      return page;
    });
    const { socket, items } = house.plain({ after: 0, chunks: false });
    socket.stalled = true;
    await vi.waitFor(() => expect(asked.length).toBeGreaterThan(0));
    for (let i = 0; i < 10; i++) await settled();
    expect(items().at(-1)?.seq_no).toBe(asked.at(-1));
    expect(asked.at(-1)).toBeLessThan(2_000);
    socket.flow();
    await vi.waitFor(() => expect(items().at(-1)?.seq_no).toBe(2_000));
  });
});
