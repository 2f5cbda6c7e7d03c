import { describe, expect, test } from 'vitest';
import { SectionReader, SECTION_DEPTH_MOST, SECTIONS_MOST, type Section } from './sections.ts';

const E = '\u001b[0K';

function read(lines: readonly string[], cut = -1): Section[] {
  let reader = new SectionReader();
  const found = new Map<number, Section>();
  const take = (): void => {
    for (const [k, section] of reader.changed) found.set(k, section);
  };
  for (const [at, line] of lines.entries()) {
    reader.read(at + 1, line);
    if (at !== cut) continue;
    take();
    reader = new SectionReader(structuredClone(reader.state));
  }
  reader.finish(lines.length);
  take();
  return [...found]
    .filter(([k]) => k < reader.state.count)
    .sort(([a], [b]) => a - b)
    .map(([, section]) => section);
}
const brief = (lines: readonly string[]): string[] =>
  read(lines).map(({ title, from, to, depth }) => `${title} ${from}-${to ?? '?'} ${depth}`);

test.each<[string, string[], string[]]>([
  ['groups nest', ['::group::a', '##[group]b', 'x', '##[endgroup]', '::endgroup::', 'y'], ['a 1-5 0', 'b 2-4 1']],
  ['one without an end lasts to the last line', ['x', '::group::a', 'y'], ['a 2-3 0']],
  ['an end without a begin is passed over', ['::endgroup::', `${E}section_end:1:x\r${E}`], []],
  ['of GitLab', [`${E}section_start:1:a\r${E}A`, 'x', `${E}section_end:2:a\r${E}`], ['A 1-3 0']],
  [
    'of GitLab, the next on the line of the end',
    [`section_start:1:a\rA`, 'x', `section_end:2:a\r${E}section_start:2:b[collapsed=true]\r${E}B`, 'y'],
    ['A 1-2 0', 'B 3-4 0'],
  ],
  ['of GitLab, without a title', ['section_start:1:prepare\r'], ['prepare 1-1 0']],
  [
    'of GitLab, an outer end ends the inner too',
    ['section_start:1:a\rA', 'section_start:1:b\rB', 'section_end:2:a\r'],
    ['A 1-3 0', 'B 2-3 1'],
  ],
  ['headings last to the next', ['--- one', 'x', '~~~ two', 'y', '+++ three', 'z'], ['one 1-2 0', 'two 3-4 0', 'three 5-6 0']],
  ['three plusses alone are what a shell prints', ['+ a', '++ b', '+++ c'], []],
  ['a patch is no heading', ['--- one', 'x', '--- old.txt', '+++ new.txt', 'y', '--- two'], ['one 1-5 0', 'two 6-6 0']],
  ['nor are dashes, a test of go, a stream in dashes', ['--- a/x.ts', '--- FAIL: TestA (0.00s)', '---', '--- - -', '--- stdout ---'], []],
  ['a heading in a group ends with it', ['::group::a', '--- b', 'x', '::endgroup::', 'y'], ['a 1-4 0', 'b 2-4 1']],
])('%s', (_what, lines, expected) => {
  expect(brief(lines)).toEqual(expected);
  for (const cut of lines.keys()) expect(read(lines, cut)).toEqual(read(lines));
});

describe('they are bounded', () => {
  test('in depth', () => {
    const found = read(Array.from({ length: 100 }, (_, n) => `::group::${n}`));
    expect(found).toHaveLength(SECTION_DEPTH_MOST);
  });
  test('in number', () => {
    const found = read(Array.from({ length: 3 * SECTIONS_MOST }, (_, n) => (n % 2 === 0 ? `::group::${n}` : '::endgroup::')));
    expect(found).toHaveLength(SECTIONS_MOST);
    expect(found.at(-1)).toMatchObject({ to: 2 * SECTIONS_MOST });
  });
  test('in the length of a title', () => expect(read([`::group::${'x'.repeat(1e5)}`])[0]?.title).toHaveLength(200));
});

test('hostile lines take time linear in their length', () => {
  const began = performance.now();
  for (const part of ['section_start:1:', 'section_start:1:a[', 'section_', '--- ', '[', '::group::'])
    new SectionReader().read(1, part.repeat(50_000));
  expect(performance.now() - began).toBeLessThan(2_000);
});
