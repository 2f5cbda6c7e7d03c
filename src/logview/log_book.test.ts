import * as fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { PLAIN } from '../shared/output/ansi.ts';
import { standingLine } from '../shared/output/standing.ts';
import { LINE_SENT_BYTES } from '../shared/protocol/log_bounds.ts';
import { LogBook, SHORT_LOG_BYTES } from './log_book.ts';
import { PAGE_LINES } from './log_page.ts';
import { LogInMemory } from './log_server_for_tests.ts';
import { REQUESTS_MOST } from './page_queue.ts';

let log: LogInMemory;
let book: LogBook;
let changes: number;
const make = (half = { lines: 20_000, chars: 1_000_000 }): LogBook =>
  new LogBook({ run_id: 42, server: log, changed: () => void changes++ }, half);
/** All that was asked has been answered. */
const answered = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
const numbered = (from: number, to: number): string => Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i}\n`).join('');
const raws = (...lines: number[]): (string | undefined)[] =>
  lines.map((n) => {
    const line = book.line(n);
    return line.type === 'line' ? line.raw : line.type;
  });

beforeEach(() => {
  log = new LogInMemory();
  changes = 0;
  book = make();
});

test('a short log comes by the lane alone', async () => {
  log.write('a\nb\n\u001b[31mc');
  await book.open();
  expect(book.lane_end).toBe(0);
  expect([book.lines, book.told]).toEqual([0, 3]);
  for (const chunk of log.chunks) expect(book.feed(chunk)).toBe(true);
  expect(raws(1, 2, 3, 4)).toEqual(['a', 'b', '\u001b[31mc', 'waiting']);
  expect(book.lines).toBe(3);
  book.feed(log.write('d\n'));
  expect(raws(3)).toEqual(['\u001b[31mcd']);
  expect(log.asked).toEqual(['stat', 'last 512']);
});

test('a long one begins with its last line, in its colours, and asks only for what is looked at', async () => {
  log.write(`\u001b[32m${numbered(1, 40_000)}open`);
  expect(log.bytes).toBeGreaterThan(SHORT_LOG_BYTES);
  await book.open();
  expect(book.lines).toBe(40_001);
  expect(raws(40_001)).toEqual(['open']);
  expect(book.lane_end).toBe(log.bytes - 4);
  expect(book.feed({ ...log.chunks[0]!, offset: log.bytes - 4, bytes: 4, text: 'open', line: 40_001 })).toBe(true);
  book.feed(log.write(' no more\n'));
  const last = book.line(40_001);
  expect(last).toMatchObject({ raw: 'open no more', start: { fg: 2 } });
  expect(raws(20_000)).toEqual(['waiting']);
  book.want([20_000, 20_001]);
  await answered();
  expect(raws(20_000, 20_001)).toEqual(['line 20000', 'line 20001']);
  expect(log.asked).toEqual(['stat', 'last 512', 'lines 19969+256']);
});

test('opened, it has a page and more of its last lines, in their colours, whatever the server answers first', async () => {
  log.write(`${numbered(1, 39_600)}\u001b[32m${numbered(39_601, 40_000)}`);
  await book.open();
  // The page before the last one, too: the last may hold less than a screen.
  expect(raws(39_681, 40_000)).toEqual(['line 39681', 'line 40000']);
  expect([39_681, 39_937, 40_000].map((n) => book.line(n))).toMatchObject(Array.from({ length: 3 }, () => ({ start: { fg: 2 } })));
  expect(raws(39_680)).toEqual(['waiting']);
  book.want(Array.from({ length: 64 }, (_, i) => 39_937 + i));
  await answered();
  expect(log.asked).toEqual(['stat', 'last 512']);
});

test('of last lines too long for one answer the very last is asked for', async () => {
  log.write(numbered(1, 40_000));
  log.lines_most = 300;
  await book.open();
  expect(raws(40_000)).toEqual(['line 40000']);
  expect(log.asked).toEqual(['stat', 'last 512', 'lines 39937+256']);
});

test('when either answer fails, opening fails, and not before both are there', async () => {
  log.write(numbered(1, 40_000));
  const lastLines = log.lastLines.bind(log);
  const { promise, resolve } = Promise.withResolvers<void>();
  let opened = false;
  log.stat = () => Promise.reject(new Error('The server did not answer.'));
  log.lastLines = async (...asked) => (await promise, lastLines(...asked));
  const opening = expect(book.open().finally(() => (opened = true))).rejects.toThrow('The server did not answer.');
  await answered();
  expect(opened).toBe(false);
  resolve();
  await opening;
  expect(book.lane_end).toBe(log.bytes - 'line 40000\n'.length);
});

test('after a gap its lines are asked for when they are looked at, and what follows is shown in its own colours', async () => {
  await book.open();
  book.feed(log.write('a\n'));
  log.write(`\u001b[34m${numbered(2, 500)}li`);
  book.feed(log.write('ne 501\nline 502\n'));
  expect(book.lines).toBe(502);
  expect(raws(1, 2, 501, 502)).toEqual(['a', 'waiting', 'waiting', 'waiting']);
  await answered();
  expect(book.line(502)).toMatchObject({ raw: 'line 502', start: { fg: 4 } });
  expect(raws(500, 501)).toEqual(['waiting', 'waiting']);
  book.want([400, 501]);
  await answered();
  expect(raws(2, 400, 501)).toEqual(['waiting', 'line 400', 'line 501']);
  expect(log.asked).toEqual(['stat', 'last 512', 'lines 502+1', 'lines 257+256']);
});

test('a gap that nothing follows is counted by asking; when that fails it is said, and can be tried again', async () => {
  await book.open();
  book.feed(log.write('a\n'));
  log.write(numbered(2, 10));
  log.broken = new Error('The server did not answer.');
  book.skipTo(log.bytes);
  expect(book.uncounted).toBe(log.bytes - 2);
  await answered();
  expect([book.lines, book.uncounted, book.uncounted_why]).toEqual([1, log.bytes - 2, 'The server did not answer.']);
  log.broken = null;
  await book.count();
  expect([book.lines, book.uncounted, book.uncounted_why]).toEqual([10, 0, '']);
});

test('a page that failed says why, is not asked for again by itself, and is when asked', async () => {
  log.write(numbered(1, 40_000));
  await book.open();
  log.broken = new Error('The server did not answer.');
  book.want([1]);
  await answered();
  expect(book.line(1)).toEqual({ type: 'failed', reason: 'The server did not answer.' });
  log.broken = null;
  const { length } = log.asked;
  book.want([1, 2]);
  await answered();
  expect(log.asked).toHaveLength(length);
  book.again(1);
  book.want([1, 2]);
  await answered();
  expect(raws(1, 2)).toEqual(['line 1', 'line 2']);
});

test('the newest wish counts: few at once, and none for what is no longer in view', async () => {
  log.write(numbered(1, 40_000));
  await book.open();
  log.asked.length = 0;
  for (let n = 1; n < 10_000; n += PAGE_LINES) book.want([n]);
  await answered();
  expect(raws(1, 9_985)).toEqual(['waiting', 'line 9985']);
  log.asked.length = 0;
  book.want(Array.from({ length: 10 }, (_, i) => 20_001 + i * PAGE_LINES));
  expect(log.asked).toHaveLength(REQUESTS_MOST);
  await answered();
  expect(log.asked).toHaveLength(10);
});

test('an answer shorter than asked for is completed; one without the line is a failure and not a loop', async () => {
  log.write(numbered(1, 40_000));
  await book.open();
  log.lines_most = 100;
  for (let i = 0; i < 3; i++) {
    book.want([1, 256]);
    await answered();
  }
  expect(raws(1, 256)).toEqual(['line 1', 'line 256']);
  log.lines_most = 0;
  book.want([1_000]);
  await answered();
  expect(book.line(1_000)).toEqual({ type: 'failed', reason: 'The server did not send line 769.' });
});

test('a line longer than one is shown comes from the server, says how long it is, and colours what follows', async () => {
  await book.open();
  const long = `${'x'.repeat(LINE_SENT_BYTES)}\u001b[35mtail`;
  book.feed(log.write(`a\n${long}\nb\n`));
  expect(raws(1, 2)).toEqual(['a', 'waiting']);
  expect(book.line(3)).toMatchObject({ raw: 'b', start: { fg: 5 } });
  book.want([1, 2, 3]);
  await answered();
  expect(book.line(2)).toMatchObject({ raw: 'x'.repeat(LINE_SENT_BYTES), cut: long.length });
});

test('a line still open when its page came is asked for again when there is more of it', async () => {
  log.write(numbered(1, 40_000));
  log.write('op');
  await book.open();
  expect(raws(40_001)).toEqual(['op']);
  book.skipTo(log.write('en').offset + 2);
  await answered();
  book.want([40_001]);
  await answered();
  expect(raws(40_001)).toEqual(['open']);
});

test('a place is asked of the server, also beyond what was counted', async () => {
  log.write(numbered(1, 100));
  expect(await book.place({ line: 50 })).toBe(50);
  expect(book.lines).toBe(100);
  expect(await book.place({ at: 0 })).toBe(1);
});

test('a chunk that overlaps is refused, one that is known is passed over', async () => {
  await book.open();
  const first = log.write('abc\n');
  book.feed(first);
  expect(book.feed(first)).toBe(true);
  expect(book.feed({ ...first, offset: 2, bytes: 10, text: 'c\nd\nefgh' })).toBe(false);
  expect(raws(1, 2)).toEqual(['abc', 'waiting']);
});

test('what is looked at stays while the lane goes on without it, and its page comes', async () => {
  book = make({ lines: 1_000, chars: 100_000 });
  await book.open();
  book.feed(log.write(numbered(1, 900)));
  book.want([898, 899, 900]);
  for (let from = 901; from < 9_000; from += 900) book.feed(log.write(numbered(from, from + 899)));
  const { length } = log.asked;
  expect(raws(897, 898, 899)).toEqual(['waiting', 'line 898', 'line 899']);
  book.want([898, 899]);
  expect(log.asked.slice(length)).toEqual(['lines 769+256']);
  expect(raws(898, 899)).toEqual(['line 898', 'line 899']);
  await answered();
  expect(book.line(899)).toMatchObject({ raw: 'line 899', offset: log.all()[898]?.offset });
  book.want([8_000]);
  await answered();
  expect(book.size.lines).toBeLessThan(4_000);
});

test('memory is bounded, however long the log and whatever is looked at', async () => {
  book = make({ lines: 1_000, chars: 20_000 });
  await book.open();
  for (let i = 0; i < 200; i++) book.feed(log.write(numbered(i * 100 + 1, i * 100 + 100)));
  for (let n = 1; n < 20_000; n += 500) {
    book.want([n]);
    await answered();
    expect(raws(n)).toEqual([`line ${n}`]);
    expect(book.size.lines).toBeLessThanOrEqual(2_000 + 3_000);
    expect(book.size.chars).toBeLessThanOrEqual(20_000 + 16_384 + 20_000 + PAGE_LINES * 10);
  }
});

const PIECES = [
  'some text',
  'ü€🚦',
  '\u001b[31m',
  '\u001b[1;38;5;200m',
  '\u001b[0m',
  '\u001b',
  '[3',
  '1m',
  '\r',
  '\r\n',
  '\n',
  '\n\n\n',
  '50 %\r',
  '50 %\u001b[1G',
  '\u001b[',
  'G',
  '\u001b]0;t\u0007',
  'x'.repeat(9_000),
  numbered(1, 120),
];
const output = fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''));
type Op =
  | { do: 'write'; text: string; lane: 'sent' | 'lost' | 'skipped' | 'twice' }
  | { do: 'want'; from: number; count: number }
  | { do: 'answer' | 'count' | 'break' | 'mend' };
const op: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('write' as const),
      text: output,
      lane: fc.constantFrom('sent', 'sent', 'lost', 'skipped', 'twice'),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('want' as const), from: fc.nat(2_000), count: fc.integer({ min: 1, max: 300 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('answer' as const, 'answer' as const, 'count' as const, 'break' as const, 'mend' as const),
    }),
  },
);

/** As the file has it, and where a line too long is cut. */
function expected(n: number): object | null {
  const line = log.all()[n - 1];
  if (line === undefined) return null;
  const { raw, start } = standingLine(line.raw, line.style);
  const { read } = new TextEncoder().encodeInto(raw, new Uint8Array(LINE_SENT_BYTES));
  return { raw: raw.slice(0, read), start };
}

function check(): void {
  const all = log.all();
  expect(book.lines).toBeLessThanOrEqual(all.length);
  for (let n = 1; n <= book.lines; n++) {
    const line = book.line(n);
    if (line.type !== 'line') continue;
    const shown = { raw: line.raw, start: line.start };
    // Of the line that is being written there may be more by now than was sent.
    if (n === all.length || n === book.lines) continue;
    expect(shown, `line ${n}`).toEqual(expected(n));
  }
}

test('against a plain array of lines: whatever is written, lost, looked at and dropped, a line shown is the file\u2019s, and in the end all can be', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(op, { maxLength: 25 }),
      fc.constantFrom({ lines: 400, chars: 30_000 }, { lines: 20_000, chars: 1_000_000 }),
      async (ops, half) => {
        log = new LogInMemory();
        book = make(half);
        log.write('\u001b[36mbegins\n');
        await book.open();
        for (const chunk of log.chunks) book.feed(chunk);
        for (const each of ops) {
          if (each.do === 'write') {
            const chunk = log.write(each.text);
            if (each.lane === 'sent' || each.lane === 'twice') book.feed(chunk);
            if (each.lane === 'twice') book.feed(chunk);
            if (each.lane === 'skipped') book.skipTo(chunk.offset + chunk.bytes);
          } else if (each.do === 'want') book.want(Array.from({ length: each.count }, (_, i) => each.from + i));
          else if (each.do === 'count') await book.count();
          else if (each.do === 'break') log.broken = new Error('broken');
          else if (each.do === 'mend') log.broken = null;
          else await answered();
          check();
        }
        log.broken = null;
        log.closed = true;
        book.end(log.bytes);
        await book.count();
        await answered();
        await book.count();
        expect(book.lines).toBe(log.all().length);
        for (let from = 1; from <= book.lines; from += 50) {
          const seen = Array.from({ length: 50 }, (_, i) => from + i).filter((n) => n <= book.lines);
          // Once at least, as a page does after every change: of a line that was open there may be more.
          for (let i = 0; i === 0 || (i < 8 && seen.some((n) => book.line(n).type !== 'line')); i++) {
            for (const n of seen) book.again(n);
            book.want(seen);
            await answered();
          }
          for (const n of seen) {
            const line = book.line(n);
            expect(line.type === 'line' ? { raw: line.raw, start: line.start } : line, `line ${n}`).toEqual(expected(n));
          }
        }
      },
    ),
    { numRuns: 150 },
  );
}, 60_000);

test('the first line of an empty log is plain', () => {
  book.feed(log.write('a'));
  expect(book.line(1)).toMatchObject({ start: PLAIN });
});
