/** A thread for the tests of the pool: jobs that do as they are told. */
import { Failure } from '../../failure.ts';
import { serveJobs, type JobTable } from './serve_jobs.ts';

/** So that the tests see them without drowning in them. */
const BEATS_TOLD = 1_000_000;

export type FixtureJobs = {
  echo: { ask: string; told: string; answer: string };
  /** Tells once, then runs until it is cancelled. */
  wait: { ask: null; told: 'begun'; answer: null };
  /** Never comes back. Tells when it begins, and with each so many beats. */
  hang: { ask: { guarded: boolean; beats: boolean }; told: null; answer: null };
  fail: { ask: 'failure' | 'error'; told: never; answer: null };
  crash: { ask: null; told: never; answer: null };
};

const jobs: JobTable<FixtureJobs> = {
  echo(text, { tell }) {
    tell(`told ${text}`);
    return text;
  },
  wait(_ask, { cancelled, tell }) {
    tell('begun');
    while (!cancelled());
    return null;
  },
  hang({ guarded, beats }, context) {
    const forEver = (beat: () => void): null => {
      context.tell(null);
      for (let n = 1; ; n++) {
        if (beats) beat();
        if (beats && n % BEATS_TOLD === 0) context.tell(null);
      }
    };
    return guarded ? context.guarded(forEver) : forEver(() => {});
  },
  fail(how) {
    throw how === 'failure' ? new Failure('gone', 'It is gone.') : new TypeError('a bug');
  },
  async crash() {
    setImmediate(() => {
      throw new Error('out of the blue');
    });
    return await new Promise<null>(() => {});
  },
};

serveJobs(jobs);
