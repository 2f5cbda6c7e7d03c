/** What passes between the server's main thread and a worker thread: one job at a time, its progress, its end. Private to this room. */
import type { FailureCode } from '../../failure.ts';

/** A kind of job: what it is given, what it tells on the way, what it answers. All of it is copied between threads: plain data and buffers. */
export interface JobType {
  ask: unknown;
  told: unknown;
  answer: unknown;
}

export type JobTypes = Record<string, JobType>;

export interface RunMessage {
  id: number;
  kind: string;
  ask: unknown;
}

export type ThreadMessage =
  | { type: 'told'; id: number; told: unknown }
  | { type: 'done'; id: number; answer: unknown }
  /** `code` of a Failure; null for any other error. */
  | { type: 'failed'; id: number; code: FailureCode | null; message: string; stack: string | undefined };

/**
 * Words of memory both threads see. They work while the thread is deep in a job and reads no message: the id of the job to give up, a count
 * that grows with each step of guarded work, and whether such work is going on.
 */
export const WORD = { cancelled: 0, beat: 1, guarded: 2 } as const;
export const WORDS_BYTES = 12;

export interface ThreadData {
  words: SharedArrayBuffer;
}
