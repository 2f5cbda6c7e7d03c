/** One worker thread as the main thread sees it: does one job at a time, is watched while it does, and is gone once it crashed or got stuck. */
import { Worker } from 'node:worker_threads';
import type { Clock } from '../../clock.ts';
import { Failure } from '../../failure.ts';
import { JobError } from './job_error.ts';
import { WORD, WORDS_BYTES, type RunMessage, type ThreadData, type ThreadMessage } from './messages.ts';

/** How often a busy thread is looked at, and how often in a row nothing may have moved: guarded work stuck for a second, a cancelled job not given up for as long. */
export const WATCH_EVERY_MS = 250;
export const WATCHED_STILL_MOST = 4;
/** A job that needs more than this loses its thread, not the server. */
const THREAD_HEAP_MB = 512;

export interface Doing {
  kind: string;
  ask: unknown;
  /** Nobody is waiting for it at a screen. */
  background: boolean;
  signal: AbortSignal | null;
  told: (told: unknown) => void;
  resolve: (answer: unknown) => void;
  reject: (error: unknown) => void;
}

export class JobThread {
  readonly #worker: Worker;
  readonly #words = new Int32Array(new SharedArrayBuffer(WORDS_BYTES));
  readonly #clock: Clock;
  readonly #free: () => void;
  #id = 0;
  #doing: Doing | null = null;
  #unwatch: () => void = () => {};
  #gone = false;

  /** @param free called each time the thread has nothing to do any more, also when it is gone. */
  constructor(entry: URL, clock: Clock, free: () => void) {
    this.#clock = clock;
    this.#free = free;
    const data: ThreadData = { words: this.#words.buffer };
    this.#worker = new Worker(entry, { workerData: data, resourceLimits: { maxOldGenerationSizeMb: THREAD_HEAP_MB } });
    this.#worker.on('message', (message: ThreadMessage) => this.#heard(message));
    this.#worker.on('error', (cause) => this.#lost(new JobError('crashed', 'The thread that did it crashed.', { cause })));
    this.#worker.on('exit', () => this.#lost(new JobError('crashed', 'The thread that did it ended.')));
    // What waits for a job keeps the process alive, not the thread that could do one. After the listeners: adding one refs it again.
    this.#worker.unref();
  }

  get gone(): boolean {
    return this.#gone;
  }

  get doing(): Doing | null {
    return this.#doing;
  }

  /** @throws when it is busy or gone. */
  run(doing: Doing): void {
    if (this.#doing !== null || this.#gone) throw new Error('a thread does one job at a time');
    this.#doing = doing;
    this.#id = this.#id === 0x7fffffff ? 1 : this.#id + 1;
    const message: RunMessage = { id: this.#id, kind: doing.kind, ask: doing.ask };
    doing.signal?.addEventListener('abort', this.#cancel, { once: true });
    this.#worker.postMessage(message);
    this.#watch(Atomics.load(this.#words, WORD.beat), 0);
  }

  /** Idempotent. A job it is doing fails with `reason`. */
  async end(reason: Error): Promise<void> {
    this.#lost(reason);
    await this.#worker.terminate();
  }

  readonly #cancel = (): void => {
    Atomics.store(this.#words, WORD.cancelled, this.#id);
    this.#doing?.reject(this.#doing.signal?.reason);
  };

  #heard(message: ThreadMessage): void {
    const doing = this.#doing;
    if (doing === null || message.id !== this.#id) return;
    switch (message.type) {
      case 'told':
        if (doing.signal?.aborted !== true) doing.told(message.told);
        return;
      case 'done':
        doing.resolve(message.answer);
        return this.#finished();
      case 'failed':
        doing.reject(errorOf(message));
        return this.#finished();
      default:
        message satisfies never;
    }
  }

  #finished(): void {
    this.#unwatch();
    this.#doing?.signal?.removeEventListener('abort', this.#cancel);
    this.#doing = null;
    this.#free();
  }

  #lost(error: Error): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#doing?.reject(error);
    this.#finished();
  }

  /** Guarded work moves when its beat does; a cancelled job has no more than the time to notice. */
  #watch(beat: number, still: number): void {
    this.#unwatch = this.#clock.after(WATCH_EVERY_MS, () => {
      const now = Atomics.load(this.#words, WORD.beat);
      const cancelled = this.#doing?.signal?.aborted === true;
      const moves = !cancelled && (Atomics.load(this.#words, WORD.guarded) === 0 || now !== beat);
      if (moves) return this.#watch(now, 0);
      if (still + 1 < WATCHED_STILL_MOST) return this.#watch(now, still + 1);
      void this.end(new JobError('stuck', 'It took too long over one step.'));
    });
  }
}

function errorOf({ code, message, stack }: ThreadMessage & { type: 'failed' }): Error {
  if (code !== null) return new Failure(code, message);
  const error = new Error(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
