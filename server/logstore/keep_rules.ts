/** How long closed logs are kept, and how that is said. */
import { bytesInWords, countInWords, spanInWords } from './bounds_in_words.ts';

export interface KeepRules {
  /** After a log was closed, ms; null for no such bound. So are the others. */
  keep_ms: number | null;
  /** Closed logs. */
  keep_runs: number | null;
  /** What they take on the disk. */
  keep_bytes: number | null;
  compress: boolean;
}

export const KEEP_ALL: KeepRules = { keep_ms: null, keep_runs: null, keep_bytes: null, compress: false };

/** What is kept now. */
export interface Kept {
  runs: number;
  bytes: number;
}

/** The bound a log is beyond: the sentence that stays of it; null when it is within all. @param kept it included, as the oldest. */
export function beyond(rules: KeepRules, closed_at: number, kept: Kept, now: number): string | null {
  const { keep_ms, keep_runs, keep_bytes } = rules;
  if (keep_ms !== null && now - closed_at >= keep_ms) return deleted(`after ${spanInWords(keep_ms)}`);
  if (keep_runs !== null && kept.runs > keep_runs) return deleted(`to keep no more than ${countInWords(keep_runs, 'log')}`);
  if (keep_bytes !== null && kept.bytes > keep_bytes) return deleted(`to keep logs within ${bytesInWords(keep_bytes)}`);
  return null;
}

function deleted(why: string): string {
  return `Log deleted ${why}; outcome and hash kept.`;
}

/** @param kept null when it has not been counted yet. */
export function keptWhy({ keep_ms, keep_runs, keep_bytes }: KeepRules, kept: Kept | null): string {
  const now = (said: string): string => (kept === null ? '' : ` (now ${said})`);
  const bounds = [
    ...(keep_runs === null ? [] : [`there are more than ${countInWords(keep_runs, 'log')}${now(String(kept?.runs))}`]),
    ...(keep_bytes === null ? [] : [`they take more than ${bytesInWords(keep_bytes)}${now(bytesInWords(kept?.bytes ?? 0))}`]),
  ].join(' or ');
  if (keep_ms === null) return bounds === '' ? 'Kept for good.' : `Kept until ${bounds}; the oldest go first.`;
  const days = `Kept for ${spanInWords(keep_ms)}`;
  return bounds === '' ? `${days}.` : `${days}; sooner deleted, the oldest first, when ${bounds}.`;
}
