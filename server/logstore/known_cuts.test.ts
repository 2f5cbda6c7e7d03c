import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PLAIN_PACKED } from '../../src/shared/output/packed_style.ts';
import { knownCuts } from './known_cuts.ts';
import { runPaths, type RunPaths } from './layout.ts';
import { packEntries } from './log_index.ts';

const CHUNKS = 10_000;
let folder: string;
let paths: RunPaths;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cuts-'));
  paths = runPaths(folder, 5);
  await mkdir(paths.folder, { recursive: true });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** In both forms an index was ever written in. */
const forms = {
  async index() {
    const entries = Array.from({ length: CHUNKS }, (_, at) => ({ end: 3 * (at + 1), feeds: at, at_ms: at, style: PLAIN_PACKED }));
    await writeFile(paths.index, packEntries(entries));
  },
  async chunks() {
    const ends = Buffer.alloc(CHUNKS * 8);
    for (let at = 0; at < CHUNKS; at++) ends.writeBigUInt64LE(BigInt(3 * (at + 1)), at * 8);
    await writeFile(paths.chunks, ends);
  },
};

test.each(['index', 'chunks'] as const)('no more of a long index (%s) is held than is asked for, and it is all there', async (form) => {
  await forms[form]();
  const ends: number[] = [];
  for await (const some of knownCuts(paths, CHUNKS * 3)) {
    expect(some.length).toBeLessThan(CHUNKS / 2);
    ends.push(...some.map(({ end }) => end));
  }
  expect(ends).toEqual(Array.from({ length: CHUNKS }, (_, at) => 3 * (at + 1)));

  const cuts = knownCuts(paths, CHUNKS * 3);
  const first = await cuts.next();
  await truncate(paths[form], 0);
  expect(first.value).not.toEqual([]);
  expect(await cuts.next()).toEqual({ done: false, value: [] });
  expect(await cuts.next()).toEqual({ done: true, value: undefined });
});
