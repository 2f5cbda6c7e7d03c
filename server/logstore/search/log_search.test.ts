import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogQuery } from '../../../src/shared/protocol/run_log.ts';
import { FIRST_HITS } from './kept_search.ts';
import { find, naive, openSearchFixture, query, type SearchFixture } from './search_fixture.ts';

const E = '\u001b';
/** The second looks through shares that end in the midst of everything. */
let fixture: SearchFixture;
let inShares: SearchFixture;
let inLargerShares: SearchFixture;
let runs = 0;

beforeAll(async () => {
  fixture = await openSearchFixture();
  inShares = await openSearchFixture({ share_bytes: 5 });
  inLargerShares = await openSearchFixture({ share_bytes: 250_000 });
});
afterAll(() => Promise.all([fixture, inShares, inLargerShares].map((each) => each.cleanUp())));

function log(data: Buffer | string, chunks?: readonly number[], into = fixture): number {
  into.write(++runs, Buffer.from(data), chunks);
  return runs;
}

async function found(text: string, q: LogQuery): Promise<number[]> {
  return (await find(fixture.logs, log(text), q)).lines;
}

describe('what counts is the text that is shown', () => {
  it.each<[string, string, LogQuery, number[]]>([
    ['a needle cut by colours', `plain\n${E}[1mneed${E}[0;31mle${E}[m\n`, query('needle'), [2]],
    ['not what a colour is written with', `${E}[31mred\n`, query('31'), []],
    ['of a line started over, what stands', 'needle 1%\rneedle 2%\rdone\nneedle\r\n', query('needle'), [2]],
    ['not what stood before', 'a needle\rdone\n', query('needle'), []],
    ['of a spinner, what stands', `${E}[1Gneedle${E}[2K${E}[1Gdone\nx${E}[1Gneedle${E}[K\n`, query('needle'), [2]],
    ['not across a line started over', 'need\rle\n', query('needle'), []],
    ['links: their text', `${E}]8;;https://needle.example${E}\\here${E}]8;;${E}\\\n`, query('needle'), []],
    ['a control character within', 'nee\u0007dle\nnee\u0085dle\n', query('needle'), [1, 2]],
    ['a last line without end', 'one\nneedle', query('needle'), [2]],
    ['not the ends of lines', 'need\nle\n', query('needle'), []],
    ['an empty line, by a pattern', `x\n\n${E}[m\n`, query('^$', 'regex'), [2, 3]],
    ['an empty last line that has bytes', `x\n${E}[m`, query('^$', 'regex'), [2]],
    ['no line after the last', 'x\n', query('^$', 'regex'), []],
    ['CRLF at a pattern’s end', 'one\r\ntwo\r\n', query('e$', 'regex'), [1]],
    ['any case', 'Needle\nNEEDLE\nneedles\n', query('nEEdle', 'text', 'ignore'), [1, 2, 3]],
    ['any case beyond ASCII', 'ÉCOLE\nécole\necole\n', query('École', 'text', 'ignore'), [1, 2]],
    ['ASCII stays ASCII', '\u212aelvin\nKelvin\n', query('kelvin', 'text', 'ignore'), [2]],
    ['words', 'error\nerrors\nthe error: x\nterror\nerror_1\néerror\n', query('error', 'word'), [1, 3]],
    ['words, any case', 'Error\nerrors\nERROR\u0301\n', query('error', 'word', 'ignore'), [1]],
    ['a later occurrence that is a word', 'errors error\n', query('error', 'word'), [1]],
    ['patterns do not reach into the next line', 'a\nb\n', query('a[^x]b|a\\sb|a\\Wb', 'regex'), []],
    ['a lookahead ends with its line', 'foo\nbar\n', query('foo(?!\\s)', 'regex'), [1]],
    ['patterns in any case', 'Foo9\nfOO\n', query('f[a-p]+\\d', 'regex', 'ignore'), [1]],
    ['a character is one, however many bytes it has', 'é\n✓\n\u2003\nab\n', query('^.$', 'regex'), [1, 2, 3]],
    ['so is one that is not of a class', 'é\n✓\nx\nab\n', query('^[^x]$', 'regex'), [1, 2]],
    ['and one of no word', 'é\n✓\nx\n', query('^\\W$', 'regex'), [1, 2]],
    ['spaces beyond ASCII are spaces', 'a\u2003b\nab\n', query('[ab]\\s[ab]', 'regex'), [1]],
    ['any number of them', 'a✓✓1\na1\n', query('[a-b].+\\d', 'regex'), [1]],
    ['one of several patterns', `x\nFA${E}[1mIL 1\nERR 22\nFAIL\nERR 2\n`, query('FAIL \\d|ERR \\d\\d', 'regex'), [2, 3]],
    ['a class, cut by colours', `E1${E}[m2\nE1${E}[m\n${E}[12mE\n`, query('E[0-9]{2}', 'regex'), [1]],
    ['a text longer than is looked for at once', `${'é'.repeat(40)}!\n${'é'.repeat(40)}\n`, query(`${'é'.repeat(40)}!`), [1]],
    ['a long word', `${'w'.repeat(70)}s\n${'w'.repeat(70)}\n`, query('w'.repeat(70), 'word'), [2]],
    ['broken UTF-8 as it is shown', Buffer.from([0xff, 0x41, 0x0a, 0x42]).toString('latin1'), query('A'), [1]],
  ])('%s', async (_name, text, q, lines) => expect(await found(text, q)).toEqual(lines));
});

const piece = fc.oneof(
  fc.constantFrom('a', 'b', 'ab', 'A', 'Ab', 'é', 'É', 'k', ' ', '_', '1', '.', '\t'),
  fc.constantFrom(
    '\n',
    '\n',
    '\r\n',
    '\r',
    `${E}[31m`,
    `${E}[0m`,
    `${E}[1G`,
    `${E}[`,
    E,
    `${E}]8;;x${E}\\`,
    '\u0007',
    '\u0000',
    '«',
    '\u0085',
  ),
);
const bytes = fc
  .array(
    fc.oneof({ weight: 12, arbitrary: piece.map((text) => Buffer.from(text)) }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 3 }) }),
    { maxLength: 80 },
  )
  .map((parts) => Buffer.concat(parts));
const anyQuery: fc.Arbitrary<LogQuery> = fc.record({
  q: fc.oneof(
    fc.constantFrom('a', 'ab', 'aba', 'é', 'É', 'a1', 'b ', '_', 'ba', '\ufffd', 'K'),
    fc.constantFrom(
      'a.b',
      '^a',
      'b$',
      'a|b1',
      '[^a]b',
      '\\bab\\b',
      'a+b?',
      '(a)\\1',
      '\\s',
      '\\W',
      'a(?=b)',
      '^$',
      '[^\\s]a',
      '.',
      'ab*c?$',
      '[a-b]{2}',
      'é?a',
      '\\p{Lu}',
      'ab1|b_|k A',
      'A[ab]{2}',
      'a(?:b|_)\\d',
      'k«',
      '^ab|1b$',
      '[ab_]{3,}[^a]',
    ),
  ),
  mode: fc.constantFrom('text', 'word', 'regex'),
  case: fc.constantFrom('ignore', 'match'),
});

it.each([
  ['wherever it is cut', 1_500, () => fixture],
  ['in shares that are looked through side by side', 400, () => inShares],
])('finds what a naive search finds, whatever is in the log and %s', async (_name, numRuns, of) => {
  await fc.assert(
    fc.asyncProperty(bytes, fc.integer({ min: 1, max: 30 }), anyQuery, async (data, size, q) => {
      fc.pre(data.length > 0);
      const { frames: _, ...result } = await find(of().logs, log(data, [size], of()), q);
      expect(result).toEqual(naive(data, q));
    }),
    { numRuns },
  );
});

it.each([
  ['the last line, which has no end, begins in one share and ends in another', 'first line\nsecond\nthe last ab line has no feed', [3]],
  ['a line is longer than many shares', `${'x'.repeat(200)} ab ${'y'.repeat(200)}\nab\n`, [1, 2]],
  ['shares end right behind line feeds', 'ab..\nab..\n', [1, 2]],
])('in shares: %s', async (_name, text, lines) => {
  const { frames: _, ...result } = await find(inShares.logs, log(text, [13], inShares), query('ab'));
  expect(result).toEqual(naive(Buffer.from(text), query('ab')));
  expect(result.lines).toEqual(lines);
});

/** Long enough for several blocks, with long lines, and stretches that are clean. */
function longLog(seed: number): Buffer {
  const { next } = random(seed);
  const parts: string[] = [];
  for (let size = 0; size < 3_500_000;) {
    const stretch = next(4);
    const line =
      next(2_000) === 0
        ? `${'long '.repeat(next(60_000))}ab\n`
        : stretch === 0
          ? `x ${E}[3${next(8)}ma${E}[0mb ${next(1_000)} é\r\n`
          : stretch === 1
            ? `plain ab ${next(1_000)}\n`
            : `nothing here ${next(100_000)} ${'.'.repeat(next(300))}\n`;
    parts.push(line);
    size += line.length;
  }
  return Buffer.from(parts.join(''));
}

function random(seed: number): { next: (below: number) => number } {
  let state = seed;
  return {
    next(below) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    },
  };
}

it.each([
  query('ab'),
  query('ab 77', 'text', 'ignore'),
  query('ab', 'word'),
  query('[a-c]b \\d7', 'regex'),
  query('(?<=plain )ab', 'regex', 'ignore'),
  query('nothing'),
])('over many blocks: %j', async (q) => {
  const data = longLog(7);
  const wanted = naive(data, q);
  for (const each of [fixture, inLargerShares]) {
    const run_id = log(data, [65_536, 1_000, 40_000], each);
    const { count, buckets, lines, offsets } = await find(each.logs, run_id, q);
    expect({ count, buckets }).toEqual({ count: wanted.count, buckets: wanted.buckets });
    expect(lines).toEqual(wanted.lines.slice(0, FIRST_HITS));
    expect(offsets).toEqual(wanted.offsets.slice(0, FIRST_HITS));
  }
});

it('takes no longer where the matches of a part stand behind many short lines', { timeout: 5_000 }, async () => {
  const data = Buffer.from('\n'.repeat(255_000) + 'ab\n'.repeat(FIRST_HITS));
  const { count, lines, offsets } = await find(fixture.logs, log(data), query('ab'));
  expect(count).toBe(FIRST_HITS);
  expect([lines.at(-1), offsets.at(-1)]).toEqual([255_000 + FIRST_HITS, data.length - 3]);
});
