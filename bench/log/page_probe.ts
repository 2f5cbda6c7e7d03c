/// <reference lib="dom" />
/**
 * What looks at a page from inside of it. Times are of `performance.now()` there. Something counts as painted from the beginning of the frame after the one
 * that was made with it: by then it is on the screen or on its way there, so that a figure may be a frame too long and is never too short.
 */

/** What a page shows, by those who know: ours by its rows, others by what they say of themselves. */
export interface Shown {
  /** Line `n` stands on the screen, and everything around it that is on the screen is there too. */
  has(n: number): boolean;
  /** The last line on the screen; 0 when there is none. */
  newest(): number;
}

export interface Frames {
  /** Frames in a second, on the whole and in the second with the fewest. */
  per_second: number;
  worst_second: number;
  /** Frames a second with a newer line than the frame before. */
  moved_per_second: number;
  /** Tasks of the main thread over 50 ms: how many, and the longest, 0 when there was none. */
  long_tasks: number;
  longest_ms: number;
  /** [when it was painted, last line on the screen]: one for each frame with a newer line. */
  painted: [at_ms: number, n: number][];
}

export interface Probe {
  shown: Shown;
  /** When line `n` was painted. */
  painted(n: number): Promise<number>;
  /** Measures milliseconds from the next event of a type, as the browser dates it, until line `n` is painted. */
  after(type: string, n: number): void;
  /** What `after` was asked for. */
  heard(): Promise<number>;
  /** Milliseconds from calling `act` until line `n` is painted. */
  since(act: () => void, n: number): Promise<number>;
  /** Watches frames and tasks from now on, until `watched`. */
  watch(): void;
  /** What was seen since `watch`; when things were painted is ms since the epoch, by the machine's clock. */
  watched(): Frames;
}

declare global {
  interface Window {
    probe: Probe;
  }
}

/** Runs in the page before its own scripts: it must not refer to anything outside of itself. */
export function installProbe(): void {
  const rowsOfLog: Shown = {
    has(n) {
      const log = document.querySelector('[role="log"]');
      const wanted = log?.querySelector(`.row.text[data-line="${n}"]`);
      if (log == null || wanted == null) return false;
      const { top, bottom } = log.getBoundingClientRect();
      const isSeen = (row: Element): boolean => {
        const at = row.getBoundingClientRect();
        return at.bottom > top + 1 && at.top < bottom - 1;
      };
      return isSeen(wanted) && ![...log.querySelectorAll('.rows .row:not(.text)')].some(isSeen);
    },
    newest() {
      const rows = document.querySelectorAll<HTMLElement>('[role="log"] .log-rows > .text');
      return Number(rows[rows.length - 1]?.dataset['line'] ?? 0);
    },
  };
  const longTasks: number[] = [];
  new PerformanceObserver((list) => longTasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' });

  const painted = (n: number): Promise<number> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (window.probe.shown.has(n)) requestAnimationFrame(() => resolve(performance.now()));
        else requestAnimationFrame(look);
      };
      look();
    });

  /** What to add to `performance.now()` for the machine's clock: from where that goes on to its next millisecond. */
  const wall = (): number => {
    const ms = Date.now();
    let now = Date.now();
    while (now === ms) now = Date.now();
    return now - performance.now();
  };
  let watched: (() => Frames) | null = null;
  let heard = Promise.resolve(Number.NaN);

  window.probe = {
    shown: rowsOfLog,
    painted,
    after(type, n) {
      heard = new Promise((resolve) => {
        const began = ({ timeStamp }: Event): void => void painted(n).then((at) => resolve(at - timeStamp));
        addEventListener(type, began, { capture: true, once: true });
      });
    },
    heard: () => heard,
    async since(act, n) {
      const from = performance.now();
      act();
      return (await painted(n)) - from;
    },
    watch() {
      const SECOND_MS = 1_000;
      const seen: Frames['painted'] = [];
      const frames: number[] = [];
      const offset = wall();
      const from = performance.now();
      longTasks.length = 0;
      let before = 0;
      let next = requestAnimationFrame(function frame() {
        const now = performance.now();
        frames.push(now);
        // What was read in the frame before was painted with it.
        if (before > (seen.at(-1)?.[1] ?? 0)) seen.push([now + offset, before]);
        before = window.probe.shown.newest();
        next = requestAnimationFrame(frame);
      });
      watched = () => {
        cancelAnimationFrame(next);
        const seconds = (performance.now() - from) / SECOND_MS;
        const whole = Array.from({ length: Math.floor(seconds) }, (_, i) => {
          const begin = from + i * SECOND_MS;
          return frames.filter((at) => at >= begin && at < begin + SECOND_MS).length;
        });
        return {
          per_second: frames.length / seconds,
          worst_second: Math.min(...whole),
          moved_per_second: seen.length / seconds,
          long_tasks: longTasks.length,
          longest_ms: Math.max(0, ...longTasks),
          painted: seen,
        };
      };
    },
    watched() {
      if (watched === null) throw new Error('nothing was watched');
      return watched();
    },
  };
}
