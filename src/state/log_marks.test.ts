import { expect, test } from 'vitest';
import type { MarksAnswer } from '../shared/protocol/run_log.ts';
import { LogMarks, MARKS_EVERY_MS } from './log_marks.svelte.ts';

function survey(): { marks: LogMarks; log: object; asked: () => number; pass: () => void } {
  const log = { bytes: 0, surveyed: 0, closed: false, errors: [] as number[], fails: false };
  let [asked, now] = [0, 0];
  let waiting: (() => void) | null = null;
  const marks = new LogMarks({
    run_id: 1,
    now: () => now,
    after: (_ms, run) => {
      waiting = run;
      return () => (waiting = null);
    },
    server: {
      marks: () => {
        asked++;
        const items = log.errors.map((n) => ({ n, offset: n * 10, kind: 'test' }));
        const { bytes, surveyed, closed } = log;
        const answer: MarksAnswer = { run_id: 1, bytes, lines: 0, closed, surveyed, errors: { count: items.length, items }, sections: [] };
        return Promise.resolve(answer);
      },
    },
  });
  return {
    marks,
    log,
    asked: () => asked,
    pass() {
      now += MARKS_EVERY_MS;
      const run = waiting;
      waiting = null;
      run?.();
    },
  };
}

test('asked at once, then no more often than every two seconds, until the end is surveyed', async () => {
  const { marks, log, asked, pass } = survey();
  Object.assign(log, { bytes: 10, surveyed: 10, errors: [3] });
  await marks.upTo(10, false);
  expect([asked(), marks.errors.map(({ n }) => n), marks.has(3), marks.has(4), marks.whole]).toEqual([1, [3], true, false, false]);
  for (const bytes of [20, 30, 40]) await marks.upTo(bytes, false);
  expect(asked()).toBe(1);
  Object.assign(log, { bytes: 40, surveyed: 40, errors: [3, 9] });
  pass();
  await expect.poll(() => marks.count).toBe(2);
  Object.assign(log, { closed: true });
  await marks.upTo(40, true);
  pass();
  await expect.poll(() => marks.whole).toBe(true);
  await marks.upTo(40, true);
  pass();
  expect(asked()).toBe(3);
});

test('a survey that lags behind is asked for again', async () => {
  const { marks, log, asked, pass } = survey();
  Object.assign(log, { bytes: 100, surveyed: 10, closed: true });
  await marks.upTo(100, true);
  expect([asked(), marks.whole]).toEqual([1, false]);
  Object.assign(log, { surveyed: 100 });
  pass();
  await expect.poll(() => marks.whole).toBe(true);
});

test('the next error, and the one before', async () => {
  const { marks, log } = survey();
  Object.assign(log, { bytes: 10, surveyed: 10, errors: [3, 9, 20] });
  await marks.upTo(10, false);
  expect([marks.next(0, 1)?.n, marks.next(3, 1)?.n, marks.next(20, 1), marks.next(20, -1)?.n, marks.next(3, -1)]).toEqual([
    3,
    9,
    null,
    9,
    null,
  ]);
});
