import { expect, test } from 'vitest';
import { allOf, extractOf, type Extract } from '../logview/log_selection.ts';
import { LogInMemory } from '../logview/log_server_for_tests.ts';
import type { ByteRange } from '../transport/api.ts';
import { bytesOfLines, COPY_BYTES_MOST, COPY_PAGE_BYTES, loadText, TooMuchToCopy } from './log_copying.ts';

const signal = new AbortController().signal;

function scene(text: string) {
  const server = new LogInMemory();
  server.write(text);
  const content = new TextEncoder().encode(text);
  const asked: ByteRange[] = [];
  const shares: number[] = [];
  const bytes = async (_run_id: number, range: ByteRange): Promise<Uint8Array> => {
    asked.push(range);
    return content.subarray(range.from, range.to);
  };
  const load = (extract: Extract, colours = false, stop = signal): Promise<string> =>
    loadText({ run_id: 42, server, bytes }, extract, colours, (share) => shares.push(share), stop);
  return { server, asked, shares, load };
}

const lines = (from: number, to: number): Extract => extractOf({ type: 'lines', anchor: from, focus: to });

test('the bytes of lines go from the first to the end of the last, also where that has no line feed', async () => {
  const { server } = scene('one\ntwo\nthree');
  expect(await bytesOfLines({ run_id: 42, server }, 1, 2)).toEqual({ from: 0, to: 8 });
  expect(await bytesOfLines({ run_id: 42, server }, 2, 3)).toEqual({ from: 4, to: 13 });
});

test('it comes in pages, whatever they cut', async () => {
  const text = Array.from({ length: 90_000 }, (_, i) => `line ${i} – é`).join('\n');
  const { load, asked, shares } = scene(text);
  expect(await load(extractOf(allOf(90_000)))).toBe(text);
  expect(asked.length).toBeGreaterThan(1);
  for (const [i, { from, to }] of asked.entries()) {
    expect(from).toBe(asked[i - 1]?.to ?? 0);
    expect(to - from).toBeLessThanOrEqual(COPY_PAGE_BYTES);
  }
  expect(shares.at(-1)).toBe(1);
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
});

test('with colours it begins in those of the lines above', async () => {
  const { load } = scene('\u001b[31mred\nstill\nplain\n');
  expect(await load(lines(2, 2), true)).toBe('\u001b[0;31mstill\u001b[0m');
  expect(await load(lines(2, 2))).toBe('still');
});

test('more than a clipboard should hold is refused before anything is loaded', async () => {
  const line = `${'x'.repeat(1_048_575)}\n`;
  const { load, asked } = scene(line.repeat(COPY_BYTES_MOST / line.length + 1));
  await expect(load(lines(1, 17))).rejects.toThrow(TooMuchToCopy);
  await expect(load(lines(1, 17))).rejects.toThrow('Too much to copy: 17 lines, 17,825,792 bytes. Download instead.');
  expect(asked).toEqual([]);
  expect(await load(lines(1, 16))).toHaveLength(COPY_BYTES_MOST - 1);
});

test('given up it asks for no more', async () => {
  const { load, asked, shares } = scene(`${'x'.repeat(COPY_PAGE_BYTES)}\n`.repeat(3));
  const stop = new AbortController();
  const loading = load(lines(1, 3), false, stop.signal);
  shares.push = (share) => (stop.abort(new Error('enough')), share);
  await expect(loading).rejects.toThrow('enough');
  expect(asked).toHaveLength(1);
});
