/** What is told of a log beside its lines. */
import type { LogBook } from '../logview/log_book.ts';

export interface LogFacts {
  lines: number;
  bytes: number;
  /** Bytes at the end whose lines are not counted yet, and why they could not be. */
  uncounted: number;
  uncounted_why: string;
  /** The finished file; null while it is written. */
  file: { bytes: number; sha256: string } | null;
}

/** As of now. */
export function logFacts({ lines, bytes, uncounted, uncounted_why, stat }: LogBook): LogFacts {
  const sha256 = stat?.closed === true ? stat.sha256 : undefined;
  return { lines, bytes, uncounted, uncounted_why, file: sha256 === undefined ? null : { bytes: stat?.bytes ?? 0, sha256 } };
}
