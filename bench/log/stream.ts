/// <reference lib="dom" />
/**
 * A log that comes at 50,000 lines a second for 20 s, on a page that follows it and on one whose reader has scrolled up: frames a second, the longest task of the main
 * thread, how old the newest line on the screen is, and whether every line arrived: counted, by the page and the store, and by the hash the page makes of the
 * finished log itself. The bytes stored are compared with the ones written. Real child, runner, log, gateway and browser, loopback, all on the
 * same machine.
 *
 * Run: `node bench/log/stream.ts [--rate 50000] [--seconds 20] [--rounds 3]`. Ends by itself in about three minutes.
 */
import { parseArgs } from 'node:util';
import { middle, quantile, table } from './figures.ts';
import type { Frames } from './page_probe.ts';
import { PaneHouse } from './pane_house.ts';
import { agesOf, LINES_BEFORE, WrittenRun } from './written_run.ts';

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '50000' },
    seconds: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '3' },
  },
});
const rate = { lines_per_second: Number(values.rate), seconds: Number(values.seconds) };
/** Lines there before the reader scrolls up. */
const SCROLL_UP_AFTER_LINES = 20_000;
const HASHED_WITHIN_MS = 30_000;
/** Longer than asked for: then it has to be seen. */
const ALL_WITHIN_MS = 4_000 * Number(values.seconds);

interface Streamed {
  frames: Frames;
  /** Of the lines when they, or newer ones, were painted; of one who follows only. */
  ages: number[];
  /** The child's own time, s: longer than asked for when it had to wait. */
  child_s: number;
  /** Of the main thread's time that was used, 0 to 1. */
  busy: number;
  /** What the page says it has. */
  counted: number;
  verified: boolean;
}

const house = await PaneHouse.open();
try {
  const readers = { 'following the end': [] as Streamed[], 'scrolled up': [] as Streamed[] };
  for (let round = 0; round < Number(values.rounds); round++) {
    readers['following the end'].push(await streamed(true));
    readers['scrolled up'].push(await streamed(false));
  }
  const heads = [
    'reader',
    'frames/s',
    'worst second',
    'with newer lines',
    'tasks > 50 ms',
    'longest',
    'busy',
    'age p50',
    'p95',
    'lines',
    'hash',
  ];
  const rows = Object.entries(readers).map(([reader, rounds]) => [
    reader,
    middle(rounds, ({ frames }) => frames.per_second, 1),
    middle(rounds, ({ frames }) => frames.worst_second),
    middle(rounds, ({ frames }) => frames.moved_per_second, 1),
    rounds.map(({ frames }) => frames.long_tasks).join(', '),
    rounds.map(({ frames }) => frames.longest_ms.toFixed(0)).join(', '),
    `${middle(rounds, ({ busy }) => busy * 100)} %`,
    middle(rounds, ({ ages }) => quantile(ages, 0.5)),
    middle(rounds, ({ ages }) => quantile(ages, 0.95)),
    rounds.every(({ counted }) => counted === rate.lines_per_second * rate.seconds + LINES_BEFORE)
      ? 'all'
      : rounds.map(({ counted }) => counted).join(', '),
    rounds.every(({ verified }) => verified) ? 'same' : 'DIFFERS',
  ]);
  const child_s = middle(Object.values(readers).flat(), (round) => round.child_s, 1);
  console.log(`${values.rate} lines/s for ${rate.seconds} s (the child took ${child_s} s), ${values.rounds} rounds; medians, ms\n`);
  console.log(table(heads, rows));
} finally {
  await house.close();
}

async function streamed(follows: boolean): Promise<Streamed> {
  const run = await WrittenRun.begin(house, rate);
  const page = await house.following(run.run_id);
  if (!follows) {
    await run.go();
    await page.until((n) => window.probe.shown.newest() >= n, [SCROLL_UP_AFTER_LINES]);
    await page.press('PageUp');
  }
  await page.run(() => window.probe.watch());
  const from = await page.metrics();
  if (follows) await run.go();
  const counted = (): number =>
    Number(/([\d,]+) lines/.exec(document.querySelector('.bar .meta')?.textContent ?? '')?.[1]?.replaceAll(',', ''));
  await page.until(
    (n) => document.querySelector('.bar .meta')?.textContent.includes(`${n.toLocaleString('en')} lines`) === true,
    [run.last],
    {
      every_ms: 250,
      within_ms: ALL_WITHIN_MS,
    },
  );
  const frames = await page.run(() => window.probe.watched());
  const to = await page.metrics();
  const own = frames.painted.map(([at, n]) => [at, n - LINES_BEFORE] as const);
  const { stamps } = await run.ended();
  await page.run(() => [...document.querySelectorAll('button')].find(({ textContent }) => textContent.trim() === 'Check hash')?.click());
  await page.until(() => /Verified here|Not the log|Not checked/.test(document.querySelector('.bar')?.textContent ?? ''), [], {
    within_ms: HASHED_WITHIN_MS,
  });
  const streamed = {
    frames,
    ages: follows ? agesOf(run, stamps, own) : [],
    child_s: (stamps.at(-1)![1] - stamps[0]![1]) / 1_000,
    busy: (to('TaskDuration') - from('TaskDuration')) / (to('Timestamp') - from('Timestamp')),
    counted: await page.run(counted),
    verified: await page.run(() => document.querySelector('.bar')?.textContent.includes('Verified here') === true),
  };
  await page.close();
  return streamed;
}
