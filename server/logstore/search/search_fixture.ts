/** Small vocabulary for the tests of finding: a log in a temp file that can grow, searched by a real worker thread, and what a naive search finds. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { queryPattern } from '../../../src/shared/output/query_pattern.ts';
import { plainLine } from '../../../src/shared/output/standing.ts';
import { SEARCH_BUCKETS } from '../../../src/shared/protocol/log_bounds.ts';
import type { LogQuery, SearchFrame } from '../../../src/shared/protocol/run_log.ts';
import { systemClock } from '../../clock.ts';
import { ENTRY_BYTES, packEntries } from '../log_index.ts';
import type { LogSource } from '../port.ts';
import { decodeLossy } from '../utf8_cut.ts';
import type { LogJobs } from '../worker/jobs.ts';
import { openWorkers, type Workers } from '../worker/workers.ts';
import type { ReadLines } from './hit_rows.ts';
import { openLogSearch, type LogSearch, type LogSearchParts } from './log_search.ts';

export interface SearchFixture {
  logs: LogSearch;
  workers: Workers<LogJobs>;
  /** Jobs begun. */
  asked: { from: number }[];
  /** Appends to a run's log. @param chunks sizes of the chunks it is stored in; the last is used again. */
  write: (run_id: number, data: Buffer, chunks?: readonly number[]) => void;
  finish: (run_id: number) => void;
  content: (run_id: number) => Buffer;
  cleanUp: () => Promise<void>;
}

interface Written {
  path: string;
  index_path: string;
  data: Buffer;
  chunks: number;
  closed: boolean;
}

export async function openSearchFixture(over: Partial<LogSearchParts> = {}): Promise<SearchFixture> {
  const folder = await mkdtemp(join(tmpdir(), 'search-'));
  const workers = openWorkers<LogJobs>(systemClock, new URL('../worker/thread.ts', import.meta.url));
  const asked: SearchFixture['asked'] = [];
  const written = new Map<number, Written>();

  const watched: Workers<LogJobs> = {
    ...workers,
    run(kind, ask, options) {
      if ('query' in ask) asked.push({ from: ask.from });
      return workers.run(kind, ask, options);
    },
  };
  const source = async (run_id: number): Promise<(LogSource & { lines: number }) | null> => {
    const log = written.get(run_id);
    if (log === undefined) return null;
    const { path, index_path, data, chunks, closed } = log;
    return { run_id, type: 'plain', path, index_path, bytes: data.length, chunks, closed, lines: linesOf(data).length };
  };
  const lines: ReadLines = async (run_id, from, count) => {
    const data = written.get(run_id)?.data;
    if (data === undefined) return null;
    const items = linesOf(data).map(({ offset, raw }, i) => ({ n: i + 1, offset, bytes: raw.length, text: decodeLossy(raw) }));
    return { style: [-1, -1, 0], items: items.slice(from - 1, from - 1 + count) };
  };

  return {
    logs: openLogSearch({ clock: systemClock, workers: watched, source, lines, ...over }),
    workers,
    asked,
    write(run_id, data, sizes = [65_536]) {
      const path = join(folder, `${run_id}.log`);
      const log = written.get(run_id) ?? { path, index_path: `${path}.index`, data: Buffer.alloc(0), chunks: 0, closed: false };
      appendFileSync(path, data);
      const entries: Buffer[] = [];
      let end = log.data.length;
      let feeds = linesOf(log.data).length - (log.data.length > 0 && log.data.at(-1) !== 10 ? 1 : 0);
      log.data = Buffer.concat([log.data, data]);
      for (let i = 0; end < log.data.length; i++) {
        const next = Math.min(log.data.length, end + (sizes[Math.min(i, sizes.length - 1)] ?? 1));
        for (const byte of log.data.subarray(end, next)) if (byte === 10) feeds++;
        end = next;
        entries.push(packEntries([{ end, feeds, at_ms: 0, style: [-1, -1, 0] }]));
      }
      writeFileSync(log.index_path, Buffer.concat(entries), { flag: 'a' });
      log.chunks += Buffer.concat(entries).length / ENTRY_BYTES;
      written.set(run_id, log);
    },
    finish(run_id) {
      const log = written.get(run_id);
      if (log !== undefined) log.closed = true;
    },
    content: (run_id) => written.get(run_id)?.data ?? Buffer.alloc(0),
    async cleanUp() {
      await workers.close();
      await rm(folder, { recursive: true });
    },
  };
}

export function linesOf(data: Buffer): { offset: number; raw: Buffer }[] {
  const lines: { offset: number; raw: Buffer }[] = [];
  for (let at = 0; at < data.length;) {
    const feed = data.indexOf(10, at);
    const end = feed < 0 ? data.length : feed;
    lines.push({ offset: at, raw: data.subarray(at, end) });
    at = end + 1;
  }
  return lines;
}

export interface Naive {
  count: number;
  lines: number[];
  buckets: number[];
  offsets: number[];
}

/** The definition, line by line. */
export function naive(data: Buffer, query: LogQuery): Naive {
  const pattern = queryPattern(query);
  const hits = linesOf(data)
    .map(({ offset, raw }, i) => ({ n: i + 1, offset, text: plainLine(decodeLossy(raw)) }))
    .filter(({ text }) => pattern.test(text));
  const buckets = Array<number>(SEARCH_BUCKETS).fill(0);
  for (const { offset } of hits) {
    const bucket = Math.floor((offset * SEARCH_BUCKETS) / data.length);
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
  }
  return { count: hits.length, lines: hits.map(({ n }) => n), offsets: hits.map(({ offset }) => offset), buckets };
}

export interface Found extends Naive {
  frames: SearchFrame[];
}

export async function find(
  logs: Pick<LogSearch, 'search'>,
  run_id: number,
  query: LogQuery,
  signal = new AbortController().signal,
): Promise<Found> {
  const frames: SearchFrame[] = [];
  for await (const frame of logs.search(run_id, query, signal)) frames.push(frame);
  const hits = frames.flatMap((frame) => (frame.type === 'hits' ? frame.items : []));
  const failed = frames.find((frame) => frame.type === 'error');
  if (failed !== undefined) throw Object.assign(new Error(failed.message), { code: failed.code });
  const done = frames.find((frame) => frame.type === 'done');
  return {
    frames,
    count: done?.count ?? -1,
    buckets: done?.buckets ?? [],
    lines: hits.map(({ n }) => n),
    offsets: hits.map(({ offset }) => offset),
  };
}

export function query(q: string, mode: LogQuery['mode'] = 'text', rule: LogQuery['case'] = 'match'): LogQuery {
  return { q, mode, case: rule };
}
