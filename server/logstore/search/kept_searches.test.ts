import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONTEXT_MOST } from '../../../src/shared/protocol/log_bounds.ts';
import type { SearchFrame } from '../../../src/shared/protocol/run_log.ts';
import { LINE_SEARCHED_BYTES } from './blocks.ts';
import { find, naive, openSearchFixture, query, type SearchFixture } from './search_fixture.ts';

const signal = new AbortController().signal;
let fixture: SearchFixture;
let runs = 0;

beforeAll(async () => {
  fixture = await openSearchFixture({ hits_most: 30_000 });
});
afterAll(async () => fixture.cleanUp());

function log(text: string): number {
  fixture.write(++runs, Buffer.from(text), [1_000]);
  return runs;
}

describe('a result is kept', () => {
  it('and not looked for again while the log is the same', async () => {
    const run_id = log('a\nb\na\n');
    const first = await find(fixture.logs, run_id, query('a'));
    const jobs = fixture.asked.length;
    const again = await find(fixture.logs, run_id, query('a'));
    expect(again.frames.at(-1)).toEqual(first.frames.at(-1));
    expect(again.lines).toEqual([1, 3]);
    expect(fixture.asked.length).toBe(jobs);
  });

  it('and gone on with from its end when the log has grown', async () => {
    const run_id = log('needle 1\nnothing\nnee');
    expect((await find(fixture.logs, run_id, query('needle'))).lines).toEqual([1]);
    fixture.write(run_id, Buffer.from('dle\nneedle'), [3]);
    expect((await find(fixture.logs, run_id, query('needle'))).lines).toEqual([1, 3, 4]);
    expect(fixture.asked.at(-1)).toEqual({ from: 'needle 1\nnothing\n'.length });
    // The last line went on, and is no match any more.
    fixture.write(run_id, Buffer.from('\rover\n'));
    fixture.finish(run_id);
    const { lines, frames, buckets } = await find(fixture.logs, run_id, query('needle'));
    expect(lines).toEqual([1, 3]);
    expect(frames.at(-1)).toMatchObject({ type: 'done', count: 2, closed: true, bytes: fixture.content(run_id).length });
    expect(buckets).toEqual(naive(fixture.content(run_id), query('needle')).buckets);
  });

  it('however the log grows', async () => {
    const run_id = log('');
    const text = Array.from(
      { length: 300 },
      (_, i) => `line ${i} ${i % 7 === 0 ? 'nee\u001b[1mdle' : ''}${i % 11 === 0 ? '\r\n' : '\n'}`,
    ).join('');
    for (let at = 0, step = 1; at < text.length; at += step, step = (step * 7) % 97) {
      fixture.write(run_id, Buffer.from(text.slice(at, at + step)), [13]);
      const { frames: _, ...found } = await find(fixture.logs, run_id, query('needle'));
      expect(found).toEqual(naive(fixture.content(run_id), query('needle')));
    }
  });

  it('unless others were asked for since: then it is done anew', async () => {
    const run_id = log('a b c\n'.repeat(20_000));
    await find(fixture.logs, run_id, query('a'));
    await find(fixture.logs, run_id, query('b'));
    const jobs = fixture.asked.length;
    expect((await find(fixture.logs, run_id, query('b'))).count).toBe(20_000);
    expect(fixture.asked.length).toBe(jobs);
    expect((await find(fixture.logs, run_id, query('a'))).count).toBe(20_000);
    expect(fixture.asked.slice(jobs)).toEqual([{ from: 0 }]);
  });

  it('and more than can be kept is refused', async () => {
    const run_id = log('a\n'.repeat(700_000));
    await expect(find(fixture.logs, run_id, query('a'))).rejects.toMatchObject({ code: 'too_large' });
    const far = { begin: { row: 600_000 }, count: 10, context: 0 };
    await expect(fixture.logs.hits(run_id, query('a'), far, signal)).rejects.toMatchObject({ code: 'too_large' });
  });
});

describe('giving up', () => {
  it('ends the job, and the next search goes on', async () => {
    const run_id = log(`needle\n${'nothing to see in this line\n'.repeat(400_000)}needle\n`);
    const leaving = new AbortController();
    const frames: SearchFrame[] = [];
    const search = async (): Promise<void> => {
      for await (const frame of fixture.logs.search(run_id, query('needle'), leaving.signal)) {
        frames.push(frame);
        leaving.abort(new Error('enough'));
      }
    };
    await expect(search()).rejects.toThrow('enough');
    expect(frames[0]).toMatchObject({ type: 'hits', items: [{ k: 0, n: 1, offset: 0 }] });
    expect(frames.map(({ type }) => type)).not.toContain('done');
    expect((await find(fixture.logs, run_id, query('needle'))).lines).toEqual([1, 400_002]);
  });

  it('of one leaves the others their search', async () => {
    const run_id = log(`needle\n${'nothing to see in this line\n'.repeat(400_000)}needle\n`);
    const leaving = new AbortController();
    const both = [find(fixture.logs, run_id, query('needle'), leaving.signal), find(fixture.logs, run_id, query('needle'))] as const;
    const jobs = fixture.asked.length;
    leaving.abort(new Error('enough'));
    await expect(both[0]).rejects.toThrow('enough');
    expect((await both[1]).count).toBe(2);
    expect(fixture.asked.length - jobs).toBeLessThanOrEqual(1);
  });
});

describe('patterns', () => {
  it('that explode are matched in linear time where the linear engine knows them', async () => {
    const run_id = log(`${'a'.repeat(60)}!\n${'A'.repeat(60)}\n`);
    expect((await find(fixture.logs, run_id, query('^(a+)+$', 'regex', 'ignore'))).lines).toEqual([2]);
    expect((await find(fixture.logs, run_id, query('^(a|a)*[^a]$', 'regex'))).lines).toEqual([1]);
  });

  it('that take for ever over a line are given up with the reason, and the thread is replaced', async () => {
    const run_id = log(`fine\n${'a'.repeat(60)}!\n`);
    await expect(find(fixture.logs, run_id, query('^(?=(a+)+$)', 'regex'))).rejects.toMatchObject({ code: 'pattern_too_slow' });
    expect((await find(fixture.logs, run_id, query('fine'))).lines).toEqual([1]);
  });

  it.each([
    ['(', 'This is no regular expression: unterminated group.'],
    ['a**', 'This is no regular expression: nothing to repeat.'],
    ['[b-a]', 'This is no regular expression: range out of order in character class.'],
  ])('%j are refused with the reason', async (q, message) => {
    const run_id = log('a\n');
    await expect(find(fixture.logs, run_id, query(q, 'regex'))).rejects.toMatchObject({ code: 'pattern_invalid', message });
    await expect(fixture.logs.hits(run_id, query(q, 'regex'), { begin: { from: 0 }, count: 1, context: 0 }, signal)).rejects.toMatchObject({
      code: 'pattern_invalid',
    });
  });
});

it('a line longer than can be held is looked at in parts, and is one line', async () => {
  const run_id = log(`x\n${'needle '.repeat(LINE_SEARCHED_BYTES / 7 + 100_000)}\nneedle\n`);
  expect((await find(fixture.logs, run_id, query('needle'))).lines).toEqual([2, 3]);
});

it('one without its end is one line, too, when it is found by its first part and by its last, and when it goes on', async () => {
  const part = 'needle '.repeat(LINE_SEARCHED_BYTES / 7 + 100_000);
  const run_id = log(`x\n${part}`);
  for (const more of ['', 'needle', part, '\nneedle\n']) {
    fixture.write(run_id, Buffer.from(more));
    const { lines, count } = await find(fixture.logs, run_id, query('needle'));
    expect([lines, count]).toEqual(more.endsWith('\n') ? [[2, 3], 2] : [[2], 1]);
  }
});

describe('hits', () => {
  const text = Array.from({ length: 100 }, (_, i) => `line ${i + 1}${[3, 5, 20, 98, 100].includes(i + 1) ? ' needle' : ''}\n`).join('');

  async function hits(begin: { row: number } | { from: number } | { near: number }, count: number, context: number) {
    const run_id = log(text);
    const answer = await fixture.logs.hits(run_id, query('needle'), { begin, count, context }, signal);
    return { rows: answer?.rows, count: answer?.count, items: answer?.items.map(({ row, k, line }) => [row, line.n, k]) };
  }

  it('are the matching lines', async () => {
    expect(await hits({ from: 1 }, 3, 0)).toEqual({
      rows: 5,
      count: 5,
      items: [
        [1, 5, 1],
        [2, 20, 2],
        [3, 98, 3],
      ],
    });
  });

  it('near a line begin with the first there or after it', async () => {
    expect((await hits({ near: 20 }, 1, 0)).items).toEqual([[2, 20, 2]]);
    expect((await hits({ near: 21 }, 1, 0)).items).toEqual([[3, 98, 3]]);
    expect((await hits({ near: 101 }, 1, 0)).items).toEqual([]);
  });

  it('come with the lines around them, each once', async () => {
    expect(await hits({ from: 0 }, 100, 2)).toEqual({
      rows: 17,
      count: 5,
      items: [
        [0, 1, null],
        [1, 2, null],
        [2, 3, 0],
        [3, 4, null],
        [4, 5, 1],
        [5, 6, null],
        [6, 7, null],
        [7, 18, null],
        [8, 19, null],
        [9, 20, 2],
        [10, 21, null],
        [11, 22, null],
        [12, 96, null],
        [13, 97, null],
        [14, 98, 3],
        [15, 99, null],
        [16, 100, 4],
      ],
    });
    expect((await hits({ from: 1 }, 2, 2)).items).toEqual([
      [4, 5, 1],
      [5, 6, null],
    ]);
    expect((await hits({ row: 8 }, 2, 2)).items).toEqual([
      [8, 19, null],
      [9, 20, 2],
    ]);
  });

  it('are the same rows however they are asked for', async () => {
    const run_id = log(Array.from({ length: 5_000 }, (_, i) => (i % 13 === 0 || i % 7 === 0 ? 'needle\n' : 'x\n')).join(''));
    const found = naive(fixture.content(run_id), query('needle')).lines;
    for (const context of [0, 1, 3, CONTEXT_MOST]) {
      const wanted = [...new Set(found.flatMap((n) => Array.from({ length: 2 * context + 1 }, (_, i) => n - context + i)))]
        .filter((n) => n >= 1 && n <= 5_000)
        .sort((a, b) => a - b);
      const rows: number[] = [];
      for (let row = 0; row < wanted.length; row += 400) {
        const answer = await fixture.logs.hits(run_id, query('needle'), { begin: { row }, count: 400, context }, signal);
        expect(answer?.rows).toBe(wanted.length);
        rows.push(...(answer?.items ?? []).map(({ line }) => line.n));
      }
      expect(rows).toEqual(wanted);
    }
  });

  it('of a run without a log are null', async () => {
    expect(await fixture.logs.hits(9_999, query('x'), { begin: { from: 0 }, count: 1, context: 0 }, signal)).toBeNull();
    await expect(find(fixture.logs, 9_999, query('x'))).rejects.toMatchObject({ code: 'not_found' });
  });
});
