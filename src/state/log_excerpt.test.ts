import { beforeEach, describe, expect, test } from 'vitest';
import { LogBook } from '../logview/log_book.ts';
import { LogInMemory } from '../logview/log_server_for_tests.ts';
import { ADDRESS_AFTER_MS, LogExcerpt, RECEIPT_MS, type ExcerptDeps } from './log_excerpt.svelte.ts';

const TEXT = 'one\n\u001b[31mtwo\nthree\u001b[0m\nfour\n';
let server: LogInMemory;
let book: LogBook;
let addresses: string[];
let clipboard: string[];
/** What waits for its time. */
let timers: { ms: number; run: () => void }[];
let put: ExcerptDeps['clipboard']['put'];
let excerpt: LogExcerpt;

beforeEach(async () => {
  server = new LogInMemory();
  server.write(TEXT);
  server.closed = true;
  book = new LogBook({ run_id: 42, server, changed: () => undefined });
  await book.open();
  for (const chunk of server.chunks) book.feed(chunk);
  [addresses, clipboard, timers] = [[], [], []];
  put = async (text) => void clipboard.push(await text);
  excerpt = new LogExcerpt({
    run_id: 42,
    server,
    book,
    bytes: async (_, { from, to }) => new TextEncoder().encode(TEXT).subarray(from, to),
    clipboard: { put: (text) => put(text) },
    address: (hash) => addresses.push(hash),
    link: (hash) => `https://signals.example/runs/42${hash}`,
    after(ms, run) {
      const timer = { ms, run };
      timers.push(timer);
      return () => (timers = timers.filter((other) => other !== timer));
    },
  });
});

const pass = async (): Promise<void> => {
  for (const { run } of timers.splice(0)) run();
  await new Promise((resolve) => setTimeout(resolve));
};

describe('lines chosen by their numbers', () => {
  test('stand in the address after a moment, with the byte', async () => {
    excerpt.choose(2, false);
    excerpt.choose(3, true);
    expect(timers.map(({ ms }) => ms)).toEqual([ADDRESS_AFTER_MS]);
    expect(addresses).toEqual([]);
    await pass();
    expect(addresses.at(-1)).toBe('#L2-3@4');
    expect(excerpt.lines).toEqual({ from: 2, to: 3 });
    expect(excerpt.focus).toBe(3);
  });

  test('leave it when nothing is selected any more, once', () => {
    excerpt.choose(2, false);
    expect(excerpt.clear()).toBe(true);
    expect(addresses).toEqual(['']);
    expect(timers).toEqual([]);
    expect(excerpt.clear()).toBe(false);
    expect(addresses).toEqual(['']);
  });

  test('change no address once their page was left', async () => {
    excerpt.choose(2, false);
    for (const { run } of timers.splice(0)) run();
    excerpt.close();
    await pass();
    expect(addresses).toEqual(['#L2']);
  });

  test('count for more than those of an address whose byte is still asked for', async () => {
    const shown: number[] = [];
    const opening = excerpt.open('#L1-2@9', (n) => shown.push(n));
    excerpt.choose(4, false);
    await opening;
    expect([excerpt.lines, shown]).toEqual([{ from: 4, to: 4 }, [1]]);
  });

  test('are those of an address; the byte wins over the number', async () => {
    const shown: number[] = [];
    await excerpt.open('#L1-2@9', (n) => shown.push(n));
    expect(shown).toEqual([1, 2]);
    expect(excerpt.lines).toEqual({ from: 2, to: 3 });
    expect(addresses).toEqual(['#L2-3@9']);
    await excerpt.open('#nothing', (n) => shown.push(n));
    expect(shown).toEqual([1, 2]);
  });

  test('are none that a log that is complete does not have, and the address says those that are', async () => {
    const shown: number[] = [];
    await excerpt.open('#L2-900', (n) => shown.push(n));
    expect([excerpt.lines, addresses]).toEqual([{ from: 2, to: 4 }, ['#L2-4']]);
    await excerpt.open('#L70-900', (n) => shown.push(n));
    expect([excerpt.lines, shown, addresses.at(-1)]).toEqual([{ from: 4, to: 4 }, [2, 4], '#L4']);
    await excerpt.open('#L1-3@9', (n) => shown.push(n));
    expect([excerpt.lines, addresses.at(-1)]).toEqual([{ from: 2, to: 4 }, '#L2-4@9']);
  });

  test('are chosen no more when the address is gone back to that names none; text that is selected stays', async () => {
    const shown: number[] = [];
    await excerpt.open('#L2', (n) => shown.push(n));
    await excerpt.open('', (n) => shown.push(n));
    expect([excerpt.selection, shown, addresses]).toEqual([null, [2], []]);
    excerpt.select({ type: 'text', anchor: { line: 1, column: 0 }, focus: { line: 1, column: 2 } });
    await excerpt.open('', (n) => shown.push(n));
    expect(excerpt.textNow()).toBe('on');
  });

  test('may be still to come in a log that is written', async () => {
    server.closed = false;
    await book.askStat();
    await excerpt.open('#L70-900', () => undefined);
    expect([excerpt.lines, addresses]).toEqual([{ from: 70, to: 900 }, []]);
  });
});

describe('copying', () => {
  test('what is selected, plain and in its colours, and says how much', async () => {
    excerpt.choose(2, false);
    excerpt.choose(3, true);
    await excerpt.copy(false);
    await excerpt.copy(true);
    expect(clipboard).toEqual(['two\nthree', '\u001b[0;31mtwo\u001b[0m\n\u001b[0;31mthree\u001b[0m']);
    expect(excerpt.receipt).toEqual({ type: 'done', words: 'Copied 2 lines.' });
    excerpt.select({ type: 'text', anchor: { line: 3, column: 3 }, focus: { line: 3, column: 1 } });
    expect(excerpt.receipt).toEqual({ type: 'none' });
    expect(excerpt.textNow()).toBe('hr');
    excerpt.copied();
    expect(excerpt.receipt).toEqual({ type: 'done', words: 'Copied.' });
  });

  test('a link, of what is selected or of a line', async () => {
    await excerpt.copyLink(4);
    excerpt.choose(2, false);
    await excerpt.copyLink(4);
    expect(clipboard).toEqual(['https://signals.example/runs/42#L4@23', 'https://signals.example/runs/42#L2@4']);
    expect(excerpt.receipt).toEqual({ type: 'done', words: 'Link copied.' });
  });

  test('of a line, with nothing selected, says so for a while', async () => {
    await excerpt.copyLink(2);
    expect(timers.map(({ ms }) => ms)).toEqual([RECEIPT_MS]);
    await pass();
    expect(excerpt.receipt).toEqual({ type: 'none' });
    await excerpt.copyLink(2);
    expect(excerpt.clear()).toBe(true);
    expect([excerpt.receipt.type, timers]).toEqual(['none', []]);
  });

  test('that fails says why', async () => {
    put = () => Promise.reject(new Error('This browser did not let the page copy.'));
    excerpt.choose(2, false);
    await excerpt.copy(false);
    expect(excerpt.receipt).toEqual({ type: 'failed', words: 'This browser did not let the page copy.' });
  });

  test('that was overtaken says nothing', async () => {
    const held = Promise.withResolvers<void>();
    put = () => held.promise;
    excerpt.choose(2, false);
    const copying = excerpt.copy(false);
    excerpt.choose(3, false);
    held.resolve();
    await copying;
    expect(excerpt.receipt).toEqual({ type: 'none' });
  });
});

test('nothing is selected while both ends of text are one place', () => {
  excerpt.select({ type: 'text', anchor: { line: 2, column: 1 }, focus: { line: 2, column: 1 } });
  expect([excerpt.selection, excerpt.text !== null, excerpt.textNow()]).toEqual([null, true, null]);
});

test('the bytes of what is selected are those of its whole lines', async () => {
  expect(await excerpt.bytes()).toBeNull();
  excerpt.select({ type: 'text', anchor: { line: 2, column: 1 }, focus: { line: 3, column: 2 } });
  expect(await excerpt.bytes()).toEqual({ from: 4, to: 23 });
});
