/** The jobs there are. The main thread takes only the types from here: what a job needs is loaded in the worker thread alone. */
import type { SearchJob } from '../search/search_job.ts';
import { searchLog } from '../search/search_job.ts';
import type { JobTable } from './serve_jobs.ts';
import type { SurveyJob } from './survey.ts';
import { survey } from './survey.ts';

export type LogJobs = {
  search: SearchJob;
  survey: SurveyJob;
};

export const LOG_JOBS: JobTable<LogJobs> = {
  search: searchLog,
  survey,
};
