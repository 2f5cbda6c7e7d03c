import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { MOVE_INTERVAL_MS, TimeCursor } from './time_cursor.svelte.ts';

let now: number;
let timers: { at: number; run: () => void }[];
let cursor: TimeCursor;

/** A log in view: its lines' times, its first line in view, and questions that are answered when the test says so. */
class Pane {
  readonly run_id: number;
  readonly times: readonly number[];
  first = 1;
  /** Lines it was put at by the cursor. */
  readonly shown: number[] = [];
  asked: { at: number; answer: () => void }[] = [];
  asked_in_all = 0;

  constructor(run_id: number, times: readonly number[]) {
    this.run_id = run_id;
    this.times = times;
    cursor.join(run_id, this);
  }
  lineAt(at: number): Promise<number | null> {
    this.asked_in_all++;
    return new Promise((resolve) => this.asked.push({ at, answer: () => resolve(this.line(at)) }));
  }
  line(at: number): number {
    const index = this.times.findIndex((time) => time >= at);
    return index === -1 ? this.times.length : index + 1;
  }
  show(n: number): void {
    this.shown.push(n);
    this.goTo(n);
  }
  /** As the page does: whoever moved it, what is seen is told. */
  goTo(n: number): void {
    this.first = n;
    cursor.seen(this.run_id, this.at);
  }
  get at(): number {
    return this.times[this.first - 1] ?? 0;
  }
  /** The reader's hand. */
  scroll(n: number): void {
    cursor.take(this.run_id);
    this.goTo(n);
  }
}

function pass(ms: number): void {
  const until = now + ms;
  for (let due = timers.find((t) => t.at <= until); due !== undefined; due = timers.find((t) => t.at <= until)) {
    timers.splice(timers.indexOf(due), 1);
    now = due.at;
    due.run();
  }
  now = until;
}
const settle = async (): Promise<void> => {
  for (let i = 0; i < 8; i++) await Promise.resolve();
};
async function answer(...panes: Pane[]): Promise<void> {
  for (const pane of panes) for (const { answer: say } of pane.asked.splice(0)) say();
  await settle();
}

beforeEach(() => {
  now = 0;
  timers = [];
  cursor = new TimeCursor({
    now: () => now,
    after(ms, run) {
      const timer = { at: now + ms, run };
      timers.push(timer);
      return () => void (timers = timers.filter((t) => t !== timer));
    },
  });
});

test('where one is scrolled the others go to the same time', async () => {
  const [a, b] = [new Pane(1, [10, 20, 30]), new Pane(2, [5, 15, 25, 35])];
  a.scroll(2);
  await answer(b);
  expect(b.shown).toEqual([3]);
  expect(a.shown).toEqual([]);
  expect(cursor.time).toEqual({ run_id: 1, at: 20 });
});

test('what the others do because of it drives nothing', async () => {
  const [a, b] = [new Pane(1, [10, 20, 30]), new Pane(2, [5, 15, 25, 35])];
  a.scroll(2);
  await answer(b);
  pass(10 * MOVE_INTERVAL_MS);
  await answer(a, b);
  expect(a.asked_in_all).toBe(0);
  expect(cursor.time).toEqual({ run_id: 1, at: 20 });
});

test('a scroll without end moves the others all the time, at most once an interval, and the last place counts', async () => {
  const [a, b] = [
    new Pane(
      1,
      Array.from({ length: 1000 }, (_, i) => i),
    ),
    new Pane(
      2,
      Array.from({ length: 1000 }, (_, i) => i),
    ),
  ];
  for (let n = 1; n <= 600; n++) {
    a.scroll(n);
    await answer(b);
    pass(1);
  }
  expect(b.asked_in_all).toBeGreaterThanOrEqual(600 / MOVE_INTERVAL_MS);
  expect(b.asked_in_all).toBeLessThanOrEqual(600 / MOVE_INTERVAL_MS + 1);
  pass(MOVE_INTERVAL_MS);
  await answer(b);
  expect(b.first).toBe(600);
});

test('a slow log is asked one question at a time, then for the newest', async () => {
  const [a, b] = [new Pane(1, [10, 20, 30]), new Pane(2, [10, 20, 30])];
  for (const n of [1, 2, 3]) {
    a.scroll(n);
    pass(MOVE_INTERVAL_MS);
  }
  expect(b.asked.map(({ at }) => at)).toEqual([10]);
  await answer(b);
  expect(b.asked.map(({ at }) => at)).toEqual([30]);
  await answer(b);
  expect(b.first).toBe(3);
});

test('a log the reader takes over is left alone, also by an answer on its way', async () => {
  const [a, b] = [new Pane(1, [10, 20, 30]), new Pane(2, [10, 20, 30])];
  a.scroll(3);
  b.scroll(2);
  await answer(b);
  expect(b.first).toBe(2);
  pass(MOVE_INTERVAL_MS);
  await answer(a, b);
  expect(a.first).toBe(2);
});

test('switched off they go their own way; switched on they meet where the reader is', async () => {
  const [a, b] = [new Pane(1, [10, 20, 30]), new Pane(2, [10, 20, 30])];
  cursor.on = false;
  a.scroll(3);
  pass(MOVE_INTERVAL_MS);
  expect(b.asked_in_all).toBe(0);
  cursor.on = true;
  await answer(b);
  expect(b.first).toBe(3);
});

test('one that joins goes there, too', async () => {
  const a = new Pane(1, [10, 20, 30]);
  a.scroll(2);
  const late = new Pane(2, [10, 20, 30]);
  pass(MOVE_INTERVAL_MS);
  await answer(late);
  expect(late.first).toBe(2);
});

test('the driver that leaves takes the time with it; nothing is asked of one that left', async () => {
  const log = { lineAt: () => Promise.reject(new Error('asked after it left')), show: () => undefined };
  const leave = cursor.join(3, log);
  cursor.take(3);
  cursor.seen(3, 99);
  expect(cursor.time).toEqual({ run_id: 3, at: 99 });
  leave();
  leave();
  expect(cursor.time).toBe(null);
  const a = new Pane(1, [10, 20]);
  a.scroll(2);
  pass(MOVE_INTERVAL_MS);
  await settle();
});

test('while the driver follows its end there is no time', () => {
  const a = new Pane(1, [10]);
  a.scroll(1);
  expect(cursor.time).toEqual({ run_id: 1, at: 10 });
  cursor.seen(1, null);
  expect(cursor.time).toBe(null);
});

describe('random walks', () => {
  type Step =
    { type: 'scroll'; pane: number; to: number } | { type: 'pass'; ms: number } | { type: 'answer'; pane: number } | { type: 'switch' };
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 5, arbitrary: fc.record({ type: fc.constant('scroll' as const), pane: fc.nat(3), to: fc.nat(19) }) },
    { weight: 3, arbitrary: fc.record({ type: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 150 }) }) },
    { weight: 4, arbitrary: fc.record({ type: fc.constant('answer' as const), pane: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.constant({ type: 'switch' as const }) },
  );
  const times = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 20, maxLength: 20 }).map((list) => list.sort((a, b) => a - b));

  test('end with all at the time of the one that was touched last, and nobody moves the reader’s own', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(times, { minLength: 4, maxLength: 4 }), fc.array(step, { maxLength: 60 }), async (logs, steps) => {
        now = 0;
        timers = [];
        cursor = new TimeCursor({
          now: () => now,
          after(ms, run) {
            const timer = { at: now + ms, run };
            timers.push(timer);
            return () => void (timers = timers.filter((t) => t !== timer));
          },
        });
        const panes = logs.map((list, i) => new Pane(i + 1, list));
        let on = true;
        let driver: Pane | null = null;
        for (const one of steps) {
          switch (one.type) {
            case 'scroll':
              driver = panes[one.pane]!;
              driver.scroll(one.to + 1);
              break;
            case 'pass':
              pass(one.ms);
              break;
            case 'answer': {
              const before = driver?.first;
              await answer(panes[one.pane]!);
              expect(driver?.first).toBe(before);
              break;
            }
            case 'switch':
              on = !on;
              cursor.on = on;
              break;
            default:
              one satisfies never;
          }
          for (const pane of panes) expect(pane.asked.length).toBeLessThanOrEqual(1);
        }
        cursor.on = true;
        pass(MOVE_INTERVAL_MS);
        for (let i = 0; i < 3; i++) await answer(...panes);
        const at = driver?.at;
        if (at !== undefined)
          for (const pane of panes) expect(pane === driver ? at : pane.first).toBe(pane === driver ? pane.at : pane.line(at));
        expect(timers).toEqual([]);
        const asked = panes.reduce((sum, pane) => sum + pane.asked_in_all, 0);
        pass(1_000);
        await answer(...panes);
        expect(panes.reduce((sum, pane) => sum + pane.asked_in_all, 0)).toBe(asked);
      }),
      { numRuns: 300 },
    );
  });
});
