/** Entry of a worker thread. */
import { LOG_JOBS } from './jobs.ts';
import { serveJobs } from './serve_jobs.ts';

serveJobs(LOG_JOBS);
