/** The page's own timer, for what must wait. */
import type { CursorTimer } from './time_cursor.svelte.ts';

export const pageTimer: CursorTimer = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
