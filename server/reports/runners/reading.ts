/** What a reader of one test runner's output found. */
export interface Reading {
  failed: number;
  /** 0 also when the runner does not say. */
  passed: number;
  /** Names of failed tests, in order, each once. */
  names: string[];
  /** Number of the line that ends the last summary: of two runners in one log the later one decided how it ended. */
  line: number;
}

/** @param lines plain lines of the log's end. @returns null when this runner did not write a summary. */
export type SummaryReader = (lines: readonly string[]) => Reading | null;

/** `numberOf('1 failed, 2 passed', 'passed')` is 2; 0 when it is not said. */
export function numberOf(line: string, word: string): number {
  return Number(new RegExp(`(\\d+) ${word}\\b`).exec(line)?.[1] ?? 0);
}

/** What the pattern's first group holds, line by line. */
export function matches(lines: readonly string[], pattern: RegExp): string[] {
  return lines.flatMap((line) => pattern.exec(line)?.[1]?.trim() ?? []).filter((text) => text !== '');
}

/** Adds up all summaries of one runner: workspaces and test binaries write one each. @returns null when there is none. */
export function total(
  lines: readonly string[],
  read: (line: string, at: number) => { failed: number; passed: number } | null,
): Omit<Reading, 'names'> | null {
  const found = lines.flatMap((line, at) => {
    const counts = read(line, at);
    return counts ? { ...counts, line: at } : [];
  });
  const last = found.at(-1);
  if (!last) return null;
  const sum = (of: 'failed' | 'passed'): number => found.reduce((all, counts) => all + counts[of], 0);
  return { failed: sum('failed'), passed: sum('passed'), line: last.line };
}
