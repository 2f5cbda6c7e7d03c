/** Where a run's log lies: `runs/<run_id / 1000>/<run_id>/{log, chunks, meta.json, closed.json}`, and `open/<run_id>` while it is written. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Folders with more entries than this get slow to list on some file systems. */
const RUNS_PER_SHARD = 1000;

export interface RunPaths {
  folder: string;
  log: string;
  /** One 8-byte entry a chunk: the file offset of its end, little endian. */
  chunks: string;
  meta: string;
  /** Written last; its presence says that the log is complete. */
  closed: string;
  /** Lets recovery find what an earlier life left open without reading every run ever made. */
  open_mark: string;
}

export function runPaths(root: string, run_id: number): RunPaths {
  const folder = join(root, 'runs', String(Math.floor(run_id / RUNS_PER_SHARD)), String(run_id));
  const [log, chunks, meta, closed] = ['log', 'chunks', 'meta.json', 'closed.json'].map((name) => join(folder, name));
  return {
    folder,
    log: log ?? '',
    chunks: chunks ?? '',
    meta: meta ?? '',
    closed: closed ?? '',
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
