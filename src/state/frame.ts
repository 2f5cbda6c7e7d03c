/** Once per frame, and in a hidden tab by a timer, because there requestAnimationFrame stops. */

/** Longest wait when no frame comes. */
const HIDDEN_APPLY_MS = 250;

export type Scheduler = (run: () => void) => () => void;

/** Calls `run` once, in the next frame or after `HIDDEN_APPLY_MS`, whichever is first: a tab may be hidden between the two. @returns its undo. */
export const nextFrame: Scheduler = (run) => {
  const cancel = (): void => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
  const once = (): void => {
    cancel();
    run();
  };
  const frame = requestAnimationFrame(once);
  const timer = setTimeout(once, HIDDEN_APPLY_MS);
  return cancel;
};
