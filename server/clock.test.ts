import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from './clock.ts';

const NOON_MS = Date.parse('2026-01-01T12:00:00.000Z');
const [MINUTE_MS, DAY_MS] = [60_000, 86_400_000];

let woken: number;
const wake = (): void => void woken++;
beforeEach(() => {
  woken = 0;
  vi.useFakeTimers({ now: NOON_MS });
});
afterEach(() => void vi.useRealTimers());

describe('a span of time', () => {
  it('is over after so long, whatever the wall clock is set to meanwhile', () => {
    systemClock.after(5_000, wake);
    vi.setSystemTime(NOON_MS - MINUTE_MS);
    vi.advanceTimersByTime(4_999);
    expect(woken).toBe(0);
    vi.advanceTimersByTime(1);
    expect(woken).toBe(1);
    systemClock.after(5_000, wake);
    vi.setSystemTime(NOON_MS + MINUTE_MS);
    vi.advanceTimersByTime(4_999);
    expect(woken).toBe(1);
  });

  it('may be longer than a timer can be, and be undone at any time', () => {
    const undo = systemClock.after(40 * DAY_MS, wake);
    systemClock.after(30 * DAY_MS, wake);
    vi.advanceTimersByTime(30 * DAY_MS - 1);
    expect(woken).toBe(0);
    vi.advanceTimersByTime(1);
    expect(woken).toBe(1);
    undo();
    vi.advanceTimersByTime(10 * DAY_MS);
    expect(woken).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('of nothing does not wake at once, but soon', () => {
    systemClock.after(0, wake);
    systemClock.after(-5, wake);
    expect(woken).toBe(0);
    vi.advanceTimersByTime(1);
    expect(woken).toBe(2);
  });
});

describe('an instant', () => {
  it('is waited for longer when the wall clock is set back, also when it is far', () => {
    systemClock.wakeAt(NOON_MS + 30 * DAY_MS, wake);
    vi.setSystemTime(NOON_MS - MINUTE_MS);
    vi.advanceTimersByTime(30 * DAY_MS);
    expect(woken).toBe(0);
    vi.advanceTimersByTime(MINUTE_MS + 1);
    expect(woken).toBe(1);
  });

  it('that is past is waited for no longer', () => {
    systemClock.wakeAt(NOON_MS - 1, wake);
    expect(woken).toBe(0);
    vi.advanceTimersByTime(1);
    expect(woken).toBe(1);
  });
});
