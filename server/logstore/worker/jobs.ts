/**
 * The jobs there are. The main thread takes only the types from here, and a thread loads what a job needs when it first does one: who searches does not wait
 * for what surveys.
 */
import type { SearchJob } from '../search/search_job.ts';
import type { JobTable } from './serve_jobs.ts';
import type { SurveyJob } from './survey.ts';

export type LogJobs = {
  search: SearchJob;
  survey: SurveyJob;
};

export const LOG_JOBS: JobTable<LogJobs> = {
  search: async (...asked) => (await import('../search/search_job.ts')).searchLog(...asked),
  survey: async (...asked) => (await import('./survey.ts')).survey(...asked),
};
