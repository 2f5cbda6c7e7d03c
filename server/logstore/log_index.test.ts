import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RGB } from '../../src/shared/output/ansi.ts';
import type { IndexEntry } from './log_index.ts';
import { ENTRY_BYTES, packEntries, readEntries } from './log_index.ts';
import { indexReader } from './index_reader.ts';

const color = fc.constantFrom(-1, 0, 255, RGB, RGB + 0xffffff);
const entry: fc.Arbitrary<IndexEntry> = fc.record({
  end: fc.maxSafeNat(),
  feeds: fc.maxSafeNat(),
  at_ms: fc.constantFrom(Number.NaN, 0, 1_796_000_000_000.5),
  style: fc.tuple(color, color, fc.nat({ max: 63 })),
});

async function withIndex(data: Buffer, use: (index: Awaited<ReturnType<typeof open>>) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'index-'));
  await writeFile(join(folder, 'index'), data);
  const index = await open(join(folder, 'index'));
  try {
    await use(index);
  } finally {
    await index.close();
    await rm(folder, { recursive: true });
  }
}

test('any entries come back as they were; a torn last one is not one', () =>
  fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 5 }), fc.nat({ max: ENTRY_BYTES - 1 }), (entries, torn) =>
      withIndex(Buffer.concat([packEntries(entries), Buffer.alloc(torn)]), async (index) =>
        expect(await readEntries(index, 0, 10)).toEqual(entries),
      ),
    ),
    { numRuns: 50 },
  ));

test('the first entry that has reached something is found from any place on, and only so many are looked at', async () => {
  const many = Array.from({ length: 1_000 }, (_, at): IndexEntry => ({
    end: 1 + 3 * Math.floor(at / 2),
    feeds: 0,
    at_ms: 0,
    style: [-1, -1, 0],
  }));
  await withIndex(packEntries(many), async (file) => {
    const first = (count: number, least: number, from = 0): Promise<number> =>
      indexReader(file, count).first(({ end }) => end >= least, from);
    expect([await first(1_000, 0), await first(1_000, 2), await first(1_000, 4), await first(1_000, 1_000)]).toEqual([0, 2, 2, 666]);
    expect([await first(1_000, 9_999), await first(600, 1_000), await first(1_000, 0, 7), await first(1_000, 1_000, 665)]).toEqual([
      1_000, 600, 7, 666,
    ]);
  });
});
