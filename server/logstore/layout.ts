/**
 * Where a run's log lies: `runs/<run_id / 1000>/<run_id>/{log, index, marks, meta.json, closed.json}`, and `open/<run_id>` while it is written. Once
 * compressed `log.zst` and `frames` instead of `log`; once deleted `deleted.json` instead of all but the records.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Folders with more entries than this get slow to list on some file systems. */
const RUNS_PER_SHARD = 1000;

export interface RunPaths {
  folder: string;
  log: string;
  /** One 32-byte entry a chunk: see log_index.ts. */
  index: string;
  /** What an older version wrote in its place: the end of each chunk, 8 bytes, little endian. */
  chunks: string;
  /** An index that is being made; it takes the place of `index` when it is whole. */
  new_index: string;
  /** The log in zstd frames, and where they end: see frames.ts. They count only when there is no `log`. */
  compressed: string;
  frames: string;
  /** What was found in a complete log: see marks_file.ts. */
  marks: string;
  meta: string;
  /** Written last; its presence says that the log is complete. */
  closed: string;
  /** Its presence says that the log was deleted, even where a part of it is still there. */
  deleted: string;
  /** Lets recovery find what an earlier life left open without reading every run ever made. */
  open_mark: string;
}

export function runPaths(root: string, run_id: number): RunPaths {
  const folder = join(root, 'runs', String(Math.floor(run_id / RUNS_PER_SHARD)), String(run_id));
  const inside = (name: string): string => join(folder, name);
  return {
    folder,
    log: inside('log'),
    index: inside('index'),
    chunks: inside('chunks'),
    new_index: inside('index.new'),
    compressed: inside('log.zst'),
    frames: inside('frames'),
    marks: inside('marks'),
    meta: inside('meta.json'),
    closed: inside('closed.json'),
    deleted: inside('deleted.json'),
    open_mark: join(openFolder(root), String(run_id)),
  };
}

export function openFolder(root: string): string {
  return join(root, 'open');
}

/** @returns 0 when there is no run. */
export async function highestRun(root: string): Promise<number> {
  for (const shard of (await numbersIn(join(root, 'runs'))).reverse()) {
    const highest = (await numbersIn(join(root, 'runs', String(shard)))).at(-1);
    if (highest !== undefined) return highest;
  }
  return 0;
}

/** Names that are whole numbers, ascending. */
export async function numbersIn(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  return names
    .filter((name) => /^\d{1,15}$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}
