import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LogDocument } from './log_document.ts';

const numbered = (from: number, to: number): string => Array.from({ length: to - from }, (_, i) => `${from + i}\n`).join('');
const rows = (log: LogDocument): string[] =>
  Array.from({ length: log.rows }, (_, i) => {
    const row = log.row(i);
    return row.type === 'line' ? row.raw : `[${row.gap.from}-${row.gap.to}]`;
  });
const chunk = (offset: number, text: string): { offset: number; bytes: number; text: string } => ({ offset, bytes: text.length, text });

test('chunks in order are the file', () => {
  const log = new LogDocument(0);
  expect(log.append(chunk(0, 'a\nb'))).toBe(true);
  expect(log.append(chunk(3, 'c\n'))).toBe(true);
  expect(rows(log)).toEqual(['a', 'bc']);
  expect(log.end).toBe(5);
});

test('a chunk that came already changes nothing; one that overlaps is asked for again', () => {
  const log = new LogDocument(0);
  log.append(chunk(0, 'abc\n'));
  expect(log.append(chunk(0, 'abc\n'))).toBe(true);
  expect(log.append(chunk(1, 'bc\n'))).toBe(true);
  expect(log.append(chunk(2, 'c\nd\n'))).toBe(false);
  expect(rows(log)).toEqual(['abc']);
  expect(log.end).toBe(4);
});

test('what was left out is a row with its size, growing while nothing comes', () => {
  const log = new LogDocument(0);
  log.append(chunk(0, 'a\n'));
  log.skipTo(10);
  log.skipTo(20);
  log.append(chunk(30, 'b\n'));
  expect(rows(log)).toEqual(['a', '[2-30]', 'b']);
});

test('begun near the end, the beginning is a gap', () => {
  const log = new LogDocument(100);
  log.append(chunk(100, 'z\n'));
  expect(rows(log)).toEqual(['[0-100]', 'z']);
});

test('a gap is filled from its end, in parts, and the lines join', () => {
  const log = new LogDocument(0);
  log.append(chunk(0, 'a\nb'));
  log.append(chunk(9, 'd\ne\n'));
  expect(rows(log)).toEqual(['a', 'b', '[3-9]', 'd', 'e']);
  log.takeShifts();
  log.fill(6, 9, 'X\nc');
  expect(rows(log)).toEqual(['a', 'b', '[3-6]', 'X', 'cd', 'e']);
  expect(log.takeShifts()).toEqual([{ at: 2, by: 1 }]);
  log.fill(3, 6, 'B\nx');
  expect(rows(log)).toEqual(['a', 'bB', 'xX', 'cd', 'e']);
});

test('bytes that are no longer missing are ignored', () => {
  const log = new LogDocument(10);
  log.append(chunk(10, 'z\n'));
  log.fill(0, 10, 'a\n');
  log.fill(0, 10, 'again\n');
  log.fill(0, 5, 'wrong\n');
  expect(rows(log)).toEqual(['a', 'z']);
});

test('more lines than the bound: the oldest go, and a row says how many bytes', () => {
  const log = new LogDocument(0, 2_000);
  const file = numbered(0, 6_000);
  for (let at = 0; at < file.length; at += 500) log.append(chunk(at, file.slice(at, at + 500)));
  expect(log.rows).toBeLessThanOrEqual(2_000);
  const first = log.row(0);
  expect(first.type).toBe('gap');
  const to = first.type === 'gap' ? first.gap.to : 0;
  expect(rows(log).slice(1).join('\n')).toBe(file.slice(to).trimEnd());
  expect(log.takeShifts().every(({ at, by }) => at === 0 && by < 0)).toBe(true);
});

test('the bound holds for bytes that cannot be decoded too', () => {
  const log = new LogDocument(0, 100);
  for (let i = 0; i < 500; i++) log.append({ offset: i * 4, bytes: 4, text: '\ufffd\n\n' });
  expect(log.rows).toBeLessThanOrEqual(202);
});

test('any chunks in any order and any loading show the file or a gap, never anything else', () => {
  const file = numbered(0, 200);
  const step = fc.record({ from: fc.nat(file.length - 1), length: fc.integer({ min: 1, max: 90 }), load: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const log = new LogDocument(0);
      for (const { from, length, load } of steps) {
        const gaps = Array.from({ length: log.rows }, (_, i) => log.row(i)).filter((row) => row.type === 'gap');
        const gap = gaps[from % Math.max(1, gaps.length)]?.gap;
        if (load && gap !== undefined) {
          const start = Math.max(gap.from, gap.to - length);
          log.fill(start, gap.to, file.slice(start, gap.to));
        } else log.append(chunk(from, file.slice(from, from + length)));
      }
      let at = 0;
      const all = Array.from({ length: log.rows }, (_, i) => log.row(i));
      for (const [i, row] of all.entries()) {
        if (row.type === 'gap') {
          expect(row.gap.from).toBe(at);
          at = row.gap.to;
          continue;
        }
        expect(file.startsWith(row.raw, at)).toBe(true);
        at += row.raw.length;
        const next = all[i + 1];
        const border = next === undefined ? log.end : next.type === 'gap' ? next.gap.from : null;
        if (file[at] === '\n' && at !== border) at++;
      }
      expect(at).toBe(log.end);
    }),
  );
});
