import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MarkReader, NO_MARKS } from '../../../src/shared/output/mark_reader.ts';
import { foundBy, readEveryLine } from '../../../tests/support/log_fixtures.ts';
import { appendMarks, errorMarks, joinFound, NO_FOUND } from '../found_marks.ts';
import { SURVEY_READ_BYTES, SURVEY_START, surveyBytes } from './survey_bytes.ts';

const never = (): boolean => false;
const reading = (data: Buffer) => ({ read: async (from: number, to: number) => Buffer.from(data.subarray(from, to)) });

/** Surveyed as it grew to each of these sizes, then closed. */
async function grown(data: Buffer, sizes: readonly number[]): Promise<object> {
  let [place, state, found] = [SURVEY_START, NO_MARKS, NO_FOUND];
  for (const bytes of [...sizes, data.length]) {
    const reader = new MarkReader(structuredClone(state));
    const closed = bytes === data.length;
    place = await surveyBytes(reader, place, { log: reading(data), bytes, closed, cancelled: never });
    if (closed) reader.finish(place.n - 1);
    state = reader.state;
    const added = appendMarks(NO_FOUND, { errors: reader.errors, changed: [...reader.sections], sections: state.sections.count });
    found = joinFound(found, added, state.sections.count);
    if (closed) break;
  }
  expect(place.offset).toBe(data.length);
  return { count: state.count, errors: errorMarks(found), sections: found.sections.map(([, section]) => section) };
}

const line = fc.constantFrom(
  'working',
  '',
  'Error: no lamp',
  'E: no lamp',
  'npm error code 1',
  'npm error',
  '::group::a',
  '::endgroup::',
  '--- one',
  '+++ two',
  'x\rError: no',
  'Error: no\rx',
  'Traceback (most recent call last):',
  '  File "a.py"',
  'lamp.Dark: no oil',
  '\u001b[31mE   assert\u001b[0m',
  'section_start:1:a\rA',
  'section_end:1:a\r',
  'é',
  'a.c:3:5: error: b',
);
const log = fc
  .tuple(fc.array(line, { maxLength: 25 }), fc.constantFrom('', '\n'))
  .map(([lines, end]) => Buffer.from(lines.join('\n') + end));

test.each(['spin\r', 'spin\u001b[1G', 'spin\u001b[1G\u001b[2K', '\u001b[31m'])(
  'a word that starts what stands behind %j is found',
  async (before) => {
    const data = Buffer.from(`x\n${before}--- build\ny\n${before}E   assert 1\ny\n`);
    const reader = new MarkReader();
    await surveyBytes(reader, SURVEY_START, { log: reading(data), bytes: data.length, closed: true, cancelled: never });
    expect(reader.errors.map(({ n }) => n)).toEqual([4]);
    expect([...reader.sections.values()].map(({ from }) => from)).toEqual([2]);
  },
);

test('however it grew, the survey finds what reading each line does', async () => {
  await fc.assert(
    fc.asyncProperty(log, fc.array(fc.nat(300), { maxLength: 6 }), async (data, cuts) => {
      const sizes = cuts.filter((size) => size < data.length).sort((a, b) => a - b);
      expect(await grown(data, sizes)).toEqual(foundBy(readEveryLine(data)));
    }),
    { numRuns: 500 },
  );
});

describe('a line longer than what is read at once', () => {
  const long = 'x'.repeat(2.5 * SURVEY_READ_BYTES);
  test.each([
    ['is passed over', `a\n${long}\nError: no lamp\n`, [3]],
    ['is known by its beginning', `a\nError: ${long}\nb\n`, [2]],
    ['is known by its end where it was started over', `a\n${long}\rError: no lamp\nb\n`, [2]],
    ['or where the cursor went to the first column', `a\n${long}\u001b[1GError: no lamp\u001b[1G\r\nb\n`, [2]],
    ['may be the last', `a\nError: ${long}`, [2]],
  ])('%s', async (_what, text, lines) => {
    const data = Buffer.from(text);
    const reader = new MarkReader();
    await surveyBytes(reader, SURVEY_START, { log: reading(data), bytes: data.length, closed: true, cancelled: never });
    expect(reader.errors.map(({ n }) => n)).toEqual(lines);
    expect(reader.errors.map(({ offset }) => offset)).toEqual(
      lines.map(
        (n) =>
          text
            .split('\n')
            .slice(0, n - 1)
            .join('\n').length + 1,
      ),
    );
  });

  test('is not read again and again while it grows', async () => {
    const data = Buffer.from(`a\n${long}`);
    let read = 0;
    const counting = {
      async read(from: number, to: number) {
        read += to - from;
        return data.subarray(from, to);
      },
    };
    let place = SURVEY_START;
    for (let bytes = 0; bytes <= data.length; bytes += 65_536)
      place = await surveyBytes(new MarkReader(), place, { log: counting, bytes, closed: false, cancelled: never });
    expect(place.offset).toBe(2);
    // The beginning of the line each time, and each byte beyond it once.
    expect(read).toBeLessThan((data.length / 65_536 + 2) * SURVEY_READ_BYTES + data.length);
  });
});

test('a survey that is given up stops where it can go on', async () => {
  const data = Buffer.from(`${'x'.repeat(99)}\n`.repeat(30_000));
  let blocks = 0;
  const place = await surveyBytes(new MarkReader(), SURVEY_START, {
    log: reading(data),
    bytes: data.length,
    closed: true,
    cancelled: () => blocks++ > 0,
  });
  expect(place).toMatchObject({ offset: 1_048_500, n: 10_486 });
});
