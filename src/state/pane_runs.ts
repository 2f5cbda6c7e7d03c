/** Which runs an address names to be shown side by side. Apart from all else that it may say, because the title of every page asks. */

export const PANES_MOST = 9;
const RUN = /^[1-9]\d{0,14}$/;

export interface NamedRuns {
  /** As often as they are named. */
  numbers: readonly number[];
  /** What is no number of a run. */
  strange: readonly string[];
}

/** @param list what stands behind `?runs=`, or null. */
export function namedRuns(list: string | null): NamedRuns {
  const named = (list ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  return { numbers: named.filter((word) => RUN.test(word)).map(Number), strange: named.filter((word) => !RUN.test(word)) };
}

/** Each once, and no more than there is room for. */
export function shownRuns({ numbers }: Pick<NamedRuns, 'numbers'>): number[] {
  return [...new Set(numbers)].slice(0, PANES_MOST);
}
