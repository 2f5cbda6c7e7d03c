/**
 * Finding in a log of 1 GB: how long until the first matching lines come, and until all are counted, over HTTP from the real server in a process of its
 * own; beside `grep -c` over the same file in the same rounds, once with LC_ALL=C and once with the locale of whoever runs this. The counts must be
 * equal. Searched as it was written and compressed, from the page cache. A ratio is what grep took to what we took: 1.00 is as quick.
 *
 * Run: `node bench/log/search.ts [--lines 11000000] [--rounds 3] [--only word]`. Takes about four minutes; needs 1.5 GB in the temporary folder.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { SearchFrame } from '../../src/shared/protocol/run_log.ts';
import { median } from '../../tests/faults/kit/median.ts';
import { LAST_LINE, openSearchHouse } from './search_house.ts';

interface Case {
  name: string;
  query: { q: string; mode?: 'text' | 'word' | 'regex'; case: 'ignore' | 'match' };
  grep: readonly string[];
}

const text = (name: string, q: string): Case => ({ name, query: { q, case: 'match' }, grep: ['-F', q] });
const regex = (name: string, q: string, E = q): Case => ({ name, query: { q, mode: 'regex', case: 'match' }, grep: ['-E', E] });
const CASES: readonly Case[] = [
  text('literal, rare', 'AssertionError: expected'),
  text('literal, frequent', 'lever '),
  text('literal, absent', 'segmentation fault'),
  text('literal, once, at the end', LAST_LINE),
  { name: 'any case', query: { q: 'assertionerror: EXPECTED', case: 'ignore' }, grep: ['-i', '-F', 'assertionerror: EXPECTED'] },
  { name: 'word', query: { q: 'lever', mode: 'word', case: 'match' }, grep: ['-w', '-F', 'lever'] },
  regex('pattern', 'error TS[0-9]+: the'),
  regex('pattern, one of three', 'AssertionError|undefined reference|npm ERR'),
  regex('pattern without letters', '[A-Z]{2}[0-9]{4}'),
];

const { values } = parseArgs({
  options: {
    lines: { type: 'string', default: '11000000' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
  },
});
const rounds = Number(values.rounds);
const cases = CASES.filter(({ name }) => name.includes(values.only));
const locale = process.env['LC_ALL'] ?? process.env['LC_CTYPE'] ?? process.env['LANG'] ?? 'none set';

const house = await openSearchHouse({ lines: Number(values.lines), copies: rounds + 1 });
try {
  const { bytes, lines, packed_bytes } = house;
  console.log(`${lines} lines, ${mb(bytes)} MB, compressed ${mb(packed_bytes)} MB; ${rounds} rounds, medians; locale ${locale}`);
  for (const opened of [false, true]) {
    const firsts: number[] = [];
    for (let round = 0; round < rounds; round++) firsts.push(await firstSearch(opened));
    console.log(
      `the first search since the server started, ${opened ? 'its page open' : 'no page open'}: first lines after ${firsts.map(ms).join(', ')}`,
    );
  }
  for (const { name, query, grep } of cases) {
    const taken: Round[] = [];
    for (let round = 1; round <= rounds; round++) {
      const c = grepped(grep, { LC_ALL: 'C' });
      const written = await search(house.written(round), query);
      const own = grepped(grep, {});
      const packed = await search(house.packed(round), query);
      for (const { count } of [written, own, packed])
        if (count !== c.count) throw new Error(`${name}: ${count} lines found, grep counts ${c.count}`);
      taken.push({ c, own, written, packed });
    }
    const of = (pick: (round: (typeof taken)[number]) => number): number => median(taken.map(pick));
    const side = (which: 'written' | 'packed'): string =>
      `${ms(of((r) => r[which].all_s))} (x ${of((r) => r.c.all_s / r[which].all_s).toFixed(2)} of C, ` +
      `x ${of((r) => r.own.all_s / r[which].all_s).toFixed(2)} of own), first ${taken.every((r) => r[which].first_s === null) ? '–' : ms(of((r) => r[which].first_s ?? Number.NaN))}`;
    const greps = `grep C ${ms(of((r) => r.c.all_s))}, own ${ms(of((r) => r.own.all_s))}`;
    console.log(
      `${name.padEnd(26)} ${String(taken[0]?.c.count).padStart(8)} lines; ${greps}; as written ${side('written')}; compressed ${side('packed')}`,
    );
  }
} finally {
  await house.close();
}

interface Round {
  c: Counted;
  own: Counted;
  written: Searched;
  packed: Searched;
}

interface Counted {
  count: number;
  all_s: number;
}

interface Searched extends Counted {
  /** Null when nothing was found. */
  first_s: number | null;
}

/** @param opened somebody has asked for the marks of the log, as its page does at once. @returns when the first lines came. */
async function firstSearch(opened: boolean): Promise<number> {
  await house.server.stop();
  await house.server.start();
  if (opened) await house.server.get(`/api/v1/runs/${house.written(0)}/log/marks`);
  const { first_s } = await search(house.written(0), { q: 'src/', case: 'match' });
  if (first_s === null) throw new Error('nothing was found');
  return first_s;
}

async function search(run_id: number, query: Case['query']): Promise<Searched> {
  const began = performance.now();
  const since = (): number => (performance.now() - began) / 1000;
  const address = `${house.server.url}/api/v1/runs/${run_id}/log/search?${new URLSearchParams(query).toString()}`;
  const { body } = await fetch(address);
  if (body === null) throw new Error('no answer');
  let first_s: number | null = null;
  let rest = '';
  for await (const piece of body.pipeThrough(new TextDecoderStream())) {
    const complete = `${rest}${piece}`.split('\n');
    rest = complete.pop() ?? '';
    for (const frame of complete.map((line) => SearchFrame.parse(JSON.parse(line)))) {
      if (frame.type === 'hits') first_s ??= since();
      if (frame.type === 'done') return { count: frame.count, first_s, all_s: since() };
      if (frame.type === 'error') throw new Error(frame.message);
    }
  }
  throw new Error('the search ended without an end');
}

function grepped(args: readonly string[], env: Readonly<Record<string, string>>): Counted {
  const began = performance.now();
  const { stdout, status, error } = spawnSync('grep', ['-c', ...args, '--', house.path], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
  const all_s = (performance.now() - began) / 1000;
  // 1 is: no line matches.
  if (error !== undefined || (status !== 0 && status !== 1)) throw error ?? new Error(`grep ended with ${status}`);
  return { count: Number(stdout), all_s };
}

function ms(seconds: number): string {
  return `${(seconds * 1000).toFixed(0)} ms`;
}

function mb(size: number): string {
  return (size / 1e6).toFixed(0);
}
