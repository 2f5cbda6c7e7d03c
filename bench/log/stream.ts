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
import type { Page } from 'playwright';
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
  const page = await house.page();
  await page.goto(house.runUrl(run.run_id));
  await page.getByRole('status', { name: 'Connection' }).getByText('Live').waitFor();
  const log = page.getByRole('log');
  await log.waitFor();
  await log.focus();
  if (!follows) {
    await run.go();
    await page.waitForFunction((n) => window.probe.shown.newest() >= n, SCROLL_UP_AFTER_LINES, { polling: 'raf' });
    await page.keyboard.press('PageUp');
  }
  const watched = await page.evaluateHandle(() => ({ wall: window.probe.wall(), end: window.probe.watch() }));
  const busy = await busySince(page);
  if (follows) await run.go();
  await page.waitForFunction((n) => document.body.textContent.includes(`${n.toLocaleString('en')} lines`), run.last, {
    polling: 250,
    timeout: ALL_WITHIN_MS,
  });
  const frames = await watched.evaluate(({ wall, end }) => {
    const all = end();
    return { ...all, painted: all.painted.map(([at, n]): [number, number] => [at + wall, n]) };
  });
  const own = frames.painted.map(([at, n]) => [at, n - LINES_BEFORE] as const);
  const share = await busy();
  const { stamps } = await run.ended();
  await page.getByRole('button', { name: 'Check hash' }).click();
  const verdict = page.getByText(/^(?:Verified here|Not the log|Not checked)/);
  await verdict.waitFor({ timeout: HASHED_WITHIN_MS });
  const said = (await verdict.textContent()) ?? '';
  const counted = Number(/([\d,]+) lines/.exec((await page.locator('.bar .meta').first().textContent()) ?? '')?.[1]?.replaceAll(',', ''));
  await page.context().close();
  return {
    frames,
    ages: follows ? agesOf(run, stamps, own) : [],
    child_s: (stamps.at(-1)![1] - stamps[0]![1]) / 1_000,
    busy: share,
    counted,
    verified: said.startsWith('Verified'),
  };
}

/** Of the page's main thread, as the browser counts its tasks. @returns what was used since, 0 to 1. */
async function busySince(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const now = async (): Promise<{ tasks: number; at: number }> => {
    const { metrics } = await session.send('Performance.getMetrics');
    const of = (wanted: string): number => metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN;
    return { tasks: of('TaskDuration'), at: of('Timestamp') };
  };
  const from = await now();
  return async () => {
    const to = await now();
    await session.detach();
    return (to.tasks - from.tasks) / (to.at - from.at);
  };
}
