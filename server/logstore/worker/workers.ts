/**
 * Threads for what takes long over a log: searching it, surveying it, compressing it. They are started when there is something to do, and
 * keep no process alive.
 *
 * Invariant: a thread does one job at a time, and every job ends: with an answer, with its own error, cancelled, or because its thread crashed
 * or was stuck and was ended for it. Without this one bad regular expression or one damaged file would hold up the event loop, and with it
 * every run and every viewer. A crashed thread takes its job with it and nothing else; the next job gets a new one.
 *
 * It refuses more jobs than a bounded number waiting, and lets jobs that nobody waits for take no more than all threads but one.
 */
import type { Clock } from '../../clock.ts';
import { Failure } from '../../failure.ts';
import { JobThread, type Doing } from './job_thread.ts';
import type { JobTypes } from './messages.ts';

export const THREADS_MOST = 2;
export const JOBS_WAITING_MOST = 64;

export interface JobOptions<Told> {
  /** Gives the job up; `run` rejects with its reason. */
  signal?: AbortSignal;
  /** Called with what the job tells on its way, never after `run` has settled. */
  told?: (told: Told) => void;
  /** Nobody is waiting for it at a screen: it leaves a thread free for those that are waited for. */
  background?: boolean;
  /** A part of what was begun with another job: it is not refused, however many wait. */
  goes_on?: boolean;
}

export interface Workers<K extends JobTypes> {
  /**
   * Runs a job as soon as a thread is free, in the order asked.
   * @throws Failure `too_many` when too many wait, `unavailable` after close; JobError `stuck`, `crashed`; the signal's reason; what the job threw.
   */
  run<N extends keyof K & string>(kind: N, ask: K[N]['ask'], options?: JobOptions<K[N]['told']>): Promise<K[N]['answer']>;
  /** Ends the threads; what they did and what waited fails with `unavailable`. Idempotent. */
  close(): Promise<void>;
}

/** @param entry of a thread; a module that calls `serveJobs` with the table of `K`. */
export function openWorkers<K extends JobTypes>(clock: Clock, entry: URL): Workers<K> {
  let threads: JobThread[] = [];
  let waiting: Doing[] = [];
  let closing: Promise<void> | null = null;

  function next(): void {
    threads = threads.filter((thread) => !thread.gone);
    while (closing === null) {
      const inBackground = threads.filter((thread) => thread.doing?.background === true).length;
      const job = waiting.find(({ background }) => !background || inBackground < THREADS_MOST - 1);
      const thread = job === undefined ? null : freeThread();
      if (job === undefined || thread === null) return;
      waiting = waiting.filter((other) => other !== job);
      thread.run(job);
    }
  }

  function freeThread(): JobThread | null {
    const idle = threads.find(({ doing }) => doing === null);
    if (idle !== undefined || threads.length >= THREADS_MOST) return idle ?? null;
    const thread = new JobThread(entry, clock, next);
    threads.push(thread);
    return thread;
  }

  return {
    async run(kind, ask, { signal = null, told = () => {}, background = false, goes_on = false } = {}) {
      signal?.throwIfAborted();
      if (closing !== null) throw shuttingDown();
      if (!goes_on && waiting.length >= JOBS_WAITING_MOST)
        throw new Failure('too_many', 'Several logs are being read through. Try again in a moment.');
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      const job: Doing = { kind, ask, background, signal, told: told, resolve, reject };
      const leave = (): void => {
        if (!waiting.includes(job)) return;
        waiting = waiting.filter((other) => other !== job);
        reject(signal?.reason);
      };
      waiting.push(job);
      signal?.addEventListener('abort', leave, { once: true });
      try {
        next();
        // The table of the thread answers in the types of K.
        return await promise;
      } finally {
        // A signal may live on, and holds what listens to it.
        signal?.removeEventListener('abort', leave);
      }
    },

    close() {
      closing ??= (async () => {
        const abandoned = waiting;
        waiting = [];
        for (const { reject } of abandoned) reject(shuttingDown());
        await Promise.all(threads.map((thread) => thread.end(shuttingDown())));
      })();
      return closing;
    },
  };
}

function shuttingDown(): Failure {
  return new Failure('unavailable', 'The server is shutting down.');
}
