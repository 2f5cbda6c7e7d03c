/** What is said below the last line of a log: what is missing there, and when the file is not the one that the end of the run recorded. */
import type { LogNote } from '../../logview/log_note.ts';
import { counted } from '../../shared/words/version.ts';

export interface LogFacts {
  /** Bytes at the end whose lines are not even counted, and why not. */
  uncounted: number;
  uncounted_why: string;
  /** Of the file now, once it is closed; null while it is not known. */
  file: { bytes: number; sha256: string } | null;
  /** As the end of the run recorded it; null while it is not recorded. */
  recorded: { bytes: number; sha256: string } | null;
  /** What this browser read, when that was not what was recorded. */
  differs: { bytes: number; sha256: string } | null;
  onload: () => void;
}

export function logNotes({ uncounted, uncounted_why, file, recorded, differs, onload }: LogFacts): LogNote[] {
  const notes: LogNote[] = [];
  if (uncounted > 0) {
    const why = uncounted_why === '' ? '' : ` ${uncounted_why}`;
    notes.push({ kind: 'missing', text: `${counted(uncounted, 'byte')} not loaded.${why}`, action: { label: 'Load', run: onload } });
  }
  if (recorded === null) return notes;
  const found = differs ?? (file !== null && (file.bytes !== recorded.bytes || file.sha256 !== recorded.sha256) ? file : null);
  if (found !== null) notes.push({ kind: 'error', text: mismatch(found, recorded) });
  return notes;
}

function mismatch(found: { bytes: number; sha256: string }, recorded: { bytes: number; sha256: string }): string {
  const what = found.bytes === recorded.bytes ? `has SHA-256 ${found.sha256}` : `has ${counted(found.bytes, 'byte')}`;
  const not = found.bytes === recorded.bytes ? recorded.sha256 : counted(recorded.bytes, 'byte');
  return `This is not the log that was recorded when the run ended: the file ${what}, and not ${not}.`;
}
