/**
 * Finding in logs of any size: every line of the log that matches a query, counted exactly, in a worker thread.
 *
 * Invariant: what is found is what `queryPattern` finds in the plain text of each line, colours and what was written over left out, wherever the
 * log's bytes are cut; and it is every such line, not only those of what a page has loaded. Without this "no matches" would be a lie, the worst
 * thing a search can say. A result is kept and gone on with when the log has grown.
 *
 * It refuses to read a log on the main thread, and patterns that take for ever over a line.
 */
import type { LogQuery, SearchFrame } from '../../../src/shared/protocol/run_log.ts';
import { queryPattern } from '../../../src/shared/output/query_pattern.ts';
import type { Clock } from '../../clock.ts';
import { Failure, type FailureCode } from '../../failure.ts';
import type { HitsAsked, HitsFound, LogSource, LogStore } from '../port.ts';
import type { LogJobs } from '../worker/jobs.ts';
import type { Workers } from '../worker/workers.ts';
import { hitRows, type ReadLines } from './hit_rows.ts';
import { KeptSearches, type SearchBounds } from './kept_searches.ts';
import type { KeptSearch } from './kept_search.ts';
import type { RunningSearch } from './running_search.ts';

const PROGRESS_EVERY_MS = 100;
/** What is wrong with the query is an answer; and so is that the log went meanwhile. */
const ANSWERS: ReadonlySet<string> = new Set<FailureCode>(['pattern_invalid', 'pattern_too_slow', 'too_large', 'log_deleted', 'gone']);

export interface LogSearchParts extends SearchBounds {
  clock: Clock;
  workers: Workers<LogJobs>;
  source: LogStore['source'];
  lines: ReadLines;
}

export type LogSearch = Pick<LogStore, 'search' | 'hits' | 'hitLines'>;

export function openLogSearch({ clock, workers, source, lines, ...bounds }: LogSearchParts): LogSearch {
  const searches = new KeptSearches(workers, bounds);

  /** Searches as far as the rows asked for are known, and answers with them. */
  async function rowsOf<T>(
    run_id: number,
    query: LogQuery,
    { begin, count, context }: HitsAsked,
    signal: AbortSignal,
    answer: (kept: KeptSearch, from: { row: number; log: LogSource }) => Promise<T>,
  ): Promise<(Omit<HitsFound, 'items'> & T) | null> {
    assertPattern(query);
    const log = await source(run_id);
    if (log === null) return null;
    const { kept, running } = searches.of(log, query);
    const leave = running?.join();
    try {
      const row = (): number | null => rowOf(kept, begin, context);
      const enough = (): boolean => {
        const first = row();
        return first !== null && kept.rows(context).total(log.lines) >= first + count;
      };
      while (running !== null && !running.over && !enough()) await running.more(signal);
      // It may have ended without the whole while nobody looked: then it says why.
      if (running !== null && kept.complete === null && !enough()) await running.more(signal);
      const rows = kept.rows(context).total(log.lines);
      const { bytes, closed } = log;
      const found = await answer(kept, { row: row() ?? rows, log });
      const scanned = kept.complete?.bytes ?? kept.at.offset;
      return { bytes, lines: log.lines, closed, count: kept.length, scanned, rows, ...found };
    } finally {
      leave?.();
    }
  }

  return {
    async *search(run_id, query, signal) {
      const from = await source(run_id);
      if (from === null) throw new Failure('not_found', `Run ${run_id} has no log.`);
      let leave: (() => void) | undefined;
      try {
        assertPattern(query);
        const { kept, running } = searches.of(from, query);
        leave = running?.join();
        yield* framesOf(clock, from, kept, running, signal);
      } catch (error) {
        if (!(error instanceof Failure) || !ANSWERS.has(error.code)) throw error;
        yield { type: 'error', code: error.code, message: error.message };
      } finally {
        leave?.();
      }
    },

    hits: (run_id, query, asked, signal) =>
      rowsOf(run_id, query, asked, signal, async (kept, { row, log }) => {
        const { count, context } = asked;
        return { items: await hitRows(kept, lines, { run_id, lines: log.lines, row, count, context }) };
      }),

    hitLines: (run_id, query, asked, signal) =>
      rowsOf(run_id, query, asked, signal, (kept, { row, log }) =>
        Promise.resolve({ numbers: kept.rows(asked.context).lines(row, asked.count, log.lines) }),
      ),
  };
}

/** Null while there is no such match. */
function rowOf(kept: KeptSearch, begin: HitsAsked['begin'], context: number): number | null {
  if ('row' in begin) return begin.row;
  const k = 'from' in begin ? begin.from : kept.firstFrom(begin.near);
  return k < kept.length ? kept.rows(context).ofMatch(k) : null;
}

async function* framesOf(
  clock: Clock,
  { bytes }: LogSource,
  kept: KeptSearch,
  running: RunningSearch | null,
  signal: AbortSignal,
): AsyncGenerator<SearchFrame> {
  let sent = 0;
  let progressed_at = clock.now();
  for (;;) {
    signal.throwIfAborted();
    const { first, complete } = kept;
    if (sent < first.length) {
      yield { type: 'hits', items: first.slice(sent).map(({ n, offset }, i) => ({ k: sent + i, n, offset })) };
      sent = first.length;
    }
    if (complete !== null) {
      yield { type: 'done', count: kept.length, ...complete };
      return;
    }
    if (clock.now() - progressed_at >= PROGRESS_EVERY_MS) {
      progressed_at = clock.now();
      yield { type: 'progress', count: kept.length, scanned: kept.at.offset, bytes };
    }
    if (running === null) return;
    await running.more(signal);
  }
}

/** @throws Failure `pattern_invalid` with the reason. */
function assertPattern(query: LogQuery): void {
  try {
    queryPattern(query);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const reason = /: ([^:]*)$/.exec(error.message)?.[1] ?? error.message;
    throw new Failure('pattern_invalid', `This is no regular expression: ${reason.charAt(0).toLowerCase()}${reason.slice(1)}.`, {
      cause: error,
    });
  }
}
