import { expect, test } from 'vitest';
import type { LogWindow } from './log_window.svelte.ts';
import { scroller } from './scroller.ts';

test.each<[string, Partial<WheelEvent>, number, boolean]>([
  ['up', { deltaY: -10 }, 50, true],
  ['up and a little sideways', { deltaY: -10, deltaX: 4 }, 50, true],
  ['down', { deltaY: 10 }, 50, false],
  ['sideways', { deltaY: -1, deltaX: 10 }, 50, false],
  ['up where there is nothing above', { deltaY: -10 }, 0, false],
  ['to zoom', { deltaY: -10, ctrlKey: true }, 50, false],
  ['sideways, with Shift', { deltaY: -10, shiftKey: true }, 50, false],
])('the wheel turned %s leaves the end only upwards', (_, event, scrollTop, leaves) => {
  let left = false;
  const view = { leave: () => (left = true) } as unknown as LogWindow;
  const wheel = { deltaX: 0, ctrlKey: false, shiftKey: false, ...event } as WheelEvent;
  scroller(view, () => ({ scrollTop }) as HTMLElement).onwheel(wheel);
  expect(left).toBe(leaves);
});
