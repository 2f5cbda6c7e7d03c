/** The side of the worker thread: takes a job, runs it to its end, says how it ended. */
import { parentPort, workerData } from 'node:worker_threads';
import { Failure } from '../../failure.ts';
import type { JobType, JobTypes, RunMessage, ThreadData, ThreadMessage } from './messages.ts';
import { WORD } from './messages.ts';

/** What a job may do besides its work. */
export interface JobContext<T extends JobType> {
  /** True once nobody wants the answer. To be asked at least every few milliseconds; what the job then answers is dropped. */
  cancelled: () => boolean;
  /** @param transfer buffers in `told` that are handed over instead of copied. */
  tell: (told: T['told'], transfer?: ArrayBuffer[]) => void;
  /** Runs work that may never end, a regular expression for one: unless it calls `beat` in time, the thread is ended and the job is `stuck`. */
  guarded: <R>(work: (beat: () => void) => R) => R;
}

export type Job<T extends JobType> = (ask: T['ask'], context: JobContext<T>) => T['answer'] | Promise<T['answer']>;
export type JobTable<K extends JobTypes> = { readonly [kind in keyof K]: Job<K[kind]> };

/** Call once, in the thread's entry. @throws on the main thread. */
export function serveJobs<K extends JobTypes>(jobs: JobTable<K>): void {
  const port = parentPort;
  if (port === null) throw new Error('this is the entry of a worker thread');
  const words = new Int32Array((workerData as ThreadData).words);
  const send = (message: ThreadMessage, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);

  function beat(): void {
    Atomics.add(words, WORD.beat, 1);
  }

  function guarded<R>(work: (beat: () => void) => R): R {
    beat();
    Atomics.store(words, WORD.guarded, 1);
    try {
      return work(beat);
    } finally {
      Atomics.store(words, WORD.guarded, 0);
    }
  }

  async function run({ id, kind, ask }: RunMessage): Promise<void> {
    try {
      const job = jobs[kind];
      if (job === undefined) throw new Error(`no job is called ${kind}`);
      const answer = await job(ask, {
        cancelled: () => Atomics.load(words, WORD.cancelled) === id,
        tell: (told, transfer) => send({ type: 'told', id, told }, transfer),
        guarded,
      });
      send({ type: 'done', id, answer });
    } catch (error) {
      const { message, stack } = error instanceof Error ? error : new Error(String(error));
      send({ type: 'failed', id, code: error instanceof Failure ? error.code : null, message, stack });
    }
  }

  port.on('message', (message: RunMessage) => void run(message));
}
