import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PLAIN, parseLine, plainText, styleAfter } from '../shared/output/ansi.ts';
import { plainLine } from '../shared/output/standing.ts';
import { ExtractText, heldText } from './extract_text.ts';
import { LogBook } from './log_book.ts';
import { allOf, extractOf, type Extract } from './log_selection.ts';
import { LogInMemory } from './log_server_for_tests.ts';

const encoder = new TextEncoder();
const word = fc.constantFrom('a', 'é', '\u{1f600}', '\u001b[31m', '\u001b[0m', '\u001b[1m', '\r', '\u001b[G', ' ', 'ok');
const log = fc.array(
  fc.array(word, { maxLength: 6 }).map((words) => words.join('')),
  { minLength: 1, maxLength: 8 },
);

function cut(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const ends = [...new Set([0, ...at.map((n) => n % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b);
  return ends.slice(1).map((end, i) => bytes.subarray(ends[i], end));
}

test('the same text for every cut of the bytes; a character or a line is never torn', () => {
  fc.assert(
    fc.property(log, fc.array(fc.nat(), { maxLength: 5 }), fc.boolean(), (lines, cuts, ends) => {
      const bytes = encoder.encode(lines.join('\n') + (ends ? '\n' : ''));
      const text = new ExtractText(extractOf(allOf(lines.length)), null);
      for (const part of cut(bytes, cuts)) text.add(part);
      expect(text.end()).toBe(lines.map(plainLine).join('\n'));
    }),
  );
});

test('with colours it is the same text, in the colours of the log', () => {
  fc.assert(
    fc.property(log, (lines) => {
      const text = new ExtractText(extractOf(allOf(lines.length)), PLAIN);
      text.add(encoder.encode(lines.join('\n')));
      const out = text.end().split('\n');
      expect(out.map(plainText)).toEqual(lines.map(plainLine));
      for (const line of out) expect(styleAfter(line, PLAIN)).toEqual(PLAIN);
    }),
  );
});

test('what begins in a colour of a line above is copied in it', () => {
  const text = new ExtractText({ from: { line: 2, column: 2 }, to: { line: 2, column: 4 } }, styleAfter('\u001b[31m', PLAIN));
  text.add(encoder.encode('abcdef\n'));
  expect(text.end()).toBe('\u001b[0;31mcd\u001b[0m');
});

async function book(write: string): Promise<LogBook> {
  const server = new LogInMemory();
  server.write(write);
  server.closed = true;
  const opened = new LogBook({ run_id: 42, server, changed: () => undefined });
  await opened.open();
  for (const chunk of server.chunks) opened.feed(chunk);
  return opened;
}

test('what is here needs no server', async () => {
  const held = await book('one\n\u001b[32mtwo\nthree\u001b[0m\n');
  const middle: Extract = { from: { line: 1, column: 1 }, to: { line: 3, column: 2 } };
  expect(heldText(held, middle, false)).toBe('ne\ntwo\nth');
  expect(heldText(held, middle, true)).toBe('ne\n\u001b[0;32mtwo\u001b[0m\n\u001b[0;32mth\u001b[0m');
  expect(heldText(held, { ...middle, to: { line: 4, column: 0 } }, false)).toBeNull();
});

test('of a line that is cut on the screen only the part that is here can be had at once', async () => {
  const server = new LogInMemory();
  server.write(`${'x'.repeat(20_000)}\nshort\n`.repeat(30));
  server.closed = true;
  const held = new LogBook({ run_id: 42, server, changed: () => undefined });
  // Looks at the page of the last line, which is that of the first, too.
  await held.open();
  const line = held.line(1);
  expect(line.type === 'line' && line.cut).toBe(20_000);
  expect(heldText(held, { from: { line: 1, column: 0 }, to: { line: 1, column: 5 } }, false)).toBe('xxxxx');
  expect(heldText(held, { from: { line: 1, column: 0 }, to: { line: 1, column: Infinity } }, false)).toBeNull();
});

test('columns are of the shown text, as the screen counts them', () => {
  const raw = '\u001b[1mab\u001b[0mcd';
  const text = new ExtractText({ from: { line: 1, column: 1 }, to: { line: 1, column: 3 } }, null);
  text.add(encoder.encode(`${raw}\n`));
  expect(text.end()).toBe(
    parseLine(raw, PLAIN)
      .spans.map((span) => span.text)
      .join('')
      .slice(1, 3),
  );
});
