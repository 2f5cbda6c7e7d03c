/** What the find bar says of a search. */
import { counted } from '../../shared/words/version.ts';

export interface FindState {
  q: string;
  status: 'idle' | 'searching' | 'done' | 'failed';
  /** Matching lines, so far while searching. */
  count: number;
  /** Of the log, 0 to 1. */
  share: number;
  /** Number of the match shown, from 0. */
  k: number | null;
  problem: string;
}

/** Not 100 before it is done. */
const percent = (share: number): string => `${Math.min(99, Math.floor(share * 100))} %`;

/** Exact once it is done; until then it says how much of the log was searched. */
export function findWords({ q, status, count, share, k, problem }: FindState): string {
  if (problem !== '') return problem;
  switch (status) {
    case 'idle':
      return '';
    case 'searching':
      return `${counted(count, 'line')} so far, ${percent(share)}`;
    case 'done':
      if (count === 0) return noLineHas(q);
      return k === null ? counted(count, 'line') : `${(k + 1).toLocaleString('en-GB')} of ${counted(count, 'line')}`;
    case 'failed':
      return 'Not searched.';
    default:
      return status satisfies never;
  }
}

/** Where only matching lines are shown: why there is none. */
export function noRowWords({ q, status, count, problem }: Pick<FindState, 'q' | 'status' | 'count' | 'problem'>): string {
  if (problem !== '') return problem;
  return status === 'done' && count === 0 ? noLineHas(q) : 'Searching…';
}

function noLineHas(q: string): string {
  return `No line has “${q.length > 40 ? `${q.slice(0, 40)}…` : q}”.`;
}
