/**
 * A search while somebody waits for it. Whoever asks the same of the same log shares its jobs; when the last of them leaves it is given up, and what
 * it found is kept.
 */
import { Failure } from '../../failure.ts';
import type { LogQuery } from '../../../src/shared/protocol/run_log.ts';
import type { LogSource } from '../port.ts';
import type { LogJobs } from '../worker/jobs.ts';
import { JobError } from '../worker/job_error.ts';
import { THREADS_MOST, type Workers } from '../worker/workers.ts';
import { FIRST_HITS, type KeptSearch } from './kept_search.ts';
import type { SearchJob } from './search_job.ts';
import { inOrder, sharesOf, type Share } from './shares.ts';

interface RunningOptions {
  share_bytes: number;
  took: () => void;
}

export class RunningSearch {
  readonly #abort = new AbortController();
  #waiting = 0;
  #over = false;
  #moved = Promise.withResolvers<void>();
  readonly #end: Promise<void>;

  /** @param share_bytes of the log that one job looks through. @param took called after each part of what was found. */
  constructor(workers: Workers<LogJobs>, source: LogSource, query: LogQuery, kept: KeptSearch, { share_bytes, took }: RunningOptions) {
    kept.goOn();
    const attempt = async (by_line: boolean): Promise<void> => {
      const { offset, n } = kept.at;
      const first = FIRST_HITS - kept.first.length;
      const answers = await inOrder<Share, SearchJob['told'], SearchJob['answer']>(
        sharesOf(offset, source.bytes, share_bytes),
        { at_once: THREADS_MOST, signal: this.#abort.signal },
        ({ from, to }, told, over) => {
          const isFirst = from === offset;
          const ask = { source, query, from, to, n: isFirst ? n : null, by_line, first };
          return workers.run('search', ask, { signal: over, told, goes_on: !isFirst });
        },
        (told) => {
          kept.take(told);
          took();
          this.#move();
        },
      );
      // An unfinished line is of the share it begins in.
      const tail = answers.find((answer) => answer.tail !== null)?.tail ?? null;
      kept.end({ tail, buckets: answers.at(-1)?.buckets ?? [] }, source);
    };
    this.#end = attempt(false)
      // On many lines at once it may be slow where it is not on each.
      .catch((error: unknown) => (isStuck(error) ? attempt(true) : Promise.reject(error as Error)))
      .catch((error: unknown) => Promise.reject(isStuck(error) ? tooSlow(error) : (error as Error)))
      .finally(() => {
        this.#over = true;
        this.#move();
      });
    // Every waiter gets it; there may be none any more.
    this.#end.catch(() => {});
  }

  /** Given up counts as over: whoever comes now begins a new one. */
  get over(): boolean {
    return this.#over || this.#abort.signal.aborted;
  }

  /** @returns its undo; the last one to leave ends the job. */
  join(): () => void {
    this.#waiting++;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      if (--this.#waiting === 0) this.end(new Error('nobody waits for the search any more'));
    };
  }

  end(reason: Error): void {
    if (!this.#over) this.#abort.abort(reason);
  }

  /** Waits until more is known than now, or all. @throws what ended the search; the signal's reason. */
  async more(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const leaving = Promise.withResolvers<never>();
    const leave = (): void => leaving.reject(signal.reason as Error);
    signal.addEventListener('abort', leave, { once: true });
    try {
      if (!this.#over) await Promise.race([this.#moved.promise, leaving.promise]);
      if (this.#over) await this.#end;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  #move(): void {
    this.#moved.resolve();
    this.#moved = Promise.withResolvers();
  }
}

function isStuck(error: unknown): boolean {
  return error instanceof JobError && error.code === 'stuck';
}

function tooSlow(cause: unknown): Failure {
  return new Failure('pattern_too_slow', 'The pattern takes too long over a line of this log. Say it more plainly.', { cause });
}
