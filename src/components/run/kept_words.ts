/** How long a log is kept. */
import type { LogStatAnswer } from '../../shared/protocol/run_log.ts';
import { calendarDay } from '../../shared/words/time.ts';

export interface KeptWords {
  words: string;
  /** The rules behind it. */
  why: string;
}

/** `Kept until 28 Dec`; null for a log that is still written. @param now server-corrected ms. */
export function keptWords(stat: Pick<LogStatAnswer, 'closed' | 'kept_until' | 'kept_why'> | null, now: number): KeptWords | null {
  if (stat === null || !stat.closed) return null;
  const { kept_until, kept_why: why } = stat;
  if (kept_until !== null) return { words: `Kept until ${calendarDay(kept_until, now)}`, why };
  return why === '' ? null : { words: why.replace(/\.$/, ''), why: '' };
}
