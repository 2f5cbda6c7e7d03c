/**
 * Surveys a log for its marks: on from where the survey stood, to the end as it is now. What was found in a log that is complete is kept in a
 * file beside it, and is read from there the next time.
 */
import { MarkReader, NO_MARKS, type MarkState } from '../../../src/shared/output/mark_reader.ts';
import type { Section } from '../../../src/shared/output/sections.ts';
import { withLogBytes } from '../log_bytes.ts';
import { readMarks, writeMarks } from '../marks_file.ts';
import { appendMarks, NO_FOUND, type FoundMarks } from '../found_marks.ts';
import type { LogSource } from '../port.ts';
import type { Job } from './serve_jobs.ts';
import { SURVEY_START, surveyBytes, type SurveyPlace } from './survey_bytes.ts';

/** Where a survey stands: plain data, for the next job to go on from. */
export interface Surveyed {
  place: SurveyPlace;
  state: MarkState;
}

export type SurveyJob = {
  ask: {
    source: LogSource;
    marks_path: string;
    /** Null: from the start, or what the file holds. */
    from: Surveyed | null;
    /** What was found up to `from`; only needed when the log is closed. */
    found: FoundMarks | null;
  };
  told: never;
  /** `found` is what this job found, or, for a log that is closed, all. */
  answer: Surveyed & { found: FoundMarks };
};

export const survey: Job<SurveyJob> = async ({ source, marks_path, from, found }, { cancelled }) => {
  const { bytes, closed } = source;
  if (closed && from === null) {
    const kept = await readMarks(marks_path, bytes);
    if (kept !== null) return kept;
  }
  const reader = new MarkReader(from?.state ?? NO_MARKS);
  const place = await withLogBytes(source, (log) => surveyBytes(reader, from?.place ?? SURVEY_START, { log, bytes, closed, cancelled }));
  const whole = closed && place.offset === bytes;
  if (whole) reader.finish(place.n - 1);
  const { state } = reader;
  const changed: [number, Section][] = [...reader.sections];
  const all = appendMarks(closed ? (found ?? NO_FOUND) : NO_FOUND, { errors: reader.errors, changed, sections: state.sections.count });
  const answer = { place, state, found: all };
  if (whole) await writeMarks(marks_path, answer);
  return answer;
};
