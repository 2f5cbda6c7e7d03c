import { beforeEach, expect, test } from 'vitest';
import { envelope, stateAt } from '../transport/frames_for_tests.ts';
import { Dashboard, WAITING_MOST } from './dashboard.svelte.ts';

let frames: (() => void)[];
let broke: unknown[];
let dashboard: Dashboard;
const frame = (): void => frames.splice(0).forEach((run) => run());

beforeEach(() => {
  frames = [];
  broke = [];
  dashboard = new Dashboard(
    (run) => (frames.push(run), () => undefined),
    (error) => broke.push(error),
  );
});

test('many batches, one frame', () => {
  dashboard.snapshot(stateAt(5));
  for (let i = 6; i < 100; i++) dashboard.events([envelope(i)], true);
  expect(dashboard.ready).toBe(false);
  expect(frames).toHaveLength(1);
  frame();
  expect(dashboard.state.seq_no).toBe(99);
  expect(dashboard.ready).toBe(true);
  dashboard.events([envelope(100)], true);
  expect(frames).toHaveLength(1);
});

test('a snapshot replaces what came before it in the same frame, also with an older state', () => {
  dashboard.snapshot(stateAt(5));
  frame();
  dashboard.events([envelope(6)], true);
  dashboard.snapshot(stateAt(3));
  frame();
  expect(dashboard.state.seq_no).toBe(3);
});

test('an empty log is ready without a snapshot', () => {
  dashboard.caughtUp(() => undefined);
  frame();
  expect(dashboard.ready).toBe(true);
});

test('whole is said once it is shown, and not when something was missing in between', () => {
  const whole: number[] = [];
  const say = (): void => void whole.push(dashboard.state.seq_no);
  dashboard.events([envelope(1)], false);
  dashboard.caughtUp(say);
  expect(whole).toEqual([]);
  frame();
  expect(whole).toEqual([1]);
  dashboard.caughtUp(say);
  dashboard.catchingUp();
  frame();
  expect(whole).toEqual([1]);
});

test('what waits for a frame is bounded: a hidden tab may get none for a minute', () => {
  for (let i = 1; i < WAITING_MOST; i++) dashboard.events([envelope(i)], true);
  expect(dashboard.state.seq_no).toBe(0);
  dashboard.events([envelope(WAITING_MOST)], true);
  expect(dashboard.state.seq_no).toBe(WAITING_MOST);
});

test('listeners hear what was folded: live events, or all of them', () => {
  const live: number[] = [];
  const all: number[] = [];
  dashboard.onEvents((es) => live.push(...es.map((e) => e.seq_no)));
  const undo = dashboard.onAnyEvents((es) => all.push(...es.map((e) => e.seq_no)));
  dashboard.events([envelope(1)], false);
  dashboard.events([envelope(2)], true);
  expect(all).toEqual([]);
  frame();
  undo();
  dashboard.events([envelope(3)], true);
  frame();
  expect(live).toEqual([2, 3]);
  expect(all).toEqual([1, 2]);
});

test('a fold that throws leaves the last good state and applies nothing more', () => {
  const fragile = new Dashboard(
    (run) => (frames.push(run), () => undefined),
    (error) => broke.push(error),
    (state, e) => {
      if (e.seq_no === 7) throw new Error('defect');
      return { ...state, seq_no: e.seq_no };
    },
  );
  fragile.events([envelope(1)], true);
  frame();
  fragile.events([envelope(2), envelope(7)], true);
  frame();
  expect(broke).toHaveLength(1);
  expect(fragile.state.seq_no).toBe(1);
  fragile.events([envelope(8)], true);
  frame();
  expect(fragile.state.seq_no).toBe(1);
  expect(broke).toHaveLength(1);
});
