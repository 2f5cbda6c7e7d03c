/// <reference lib="dom" />
/**
 * From a byte written by the child to its glyph painted: how old lines are when they, or at rates no screen can keep up with a newer one, are on the screen of a
 * page that follows. The child says by the machine's clock when it wrote which line, the page when it painted which; every line counts, and those that came while
 * the page was opened are not told apart. Real child, runner, log, gateway and browser, loopback.
 *
 * Run: `node bench/log/glyph.ts [--seconds 10] [--rounds 3]`. Ends by itself in about two minutes.
 */
import { parseArgs } from 'node:util';
import { middle, quantile, table } from './figures.ts';
import { PaneHouse } from './pane_house.ts';
import { agesOf, LINES_BEFORE, WrittenRun } from './written_run.ts';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '10' }, rounds: { type: 'string', default: '3' } } });
const seconds = Number(values.seconds);
const RATES = [1_000, 10_000];
/** p95, ms. */
const TARGETS = [150, 250];

const house = await PaneHouse.open();
try {
  const rounds = RATES.map((): number[][] => []);
  for (let round = 0; round < Number(values.rounds); round++)
    for (const [i, lines_per_second] of RATES.entries()) rounds[i]?.push(await ages(lines_per_second));
  const rows = RATES.map((rate, i) => [
    rate.toLocaleString('en'),
    ...[0.5, 0.95, 0.99].map((share) => middle(rounds[i] ?? [], (round) => quantile(round, share))),
    String(TARGETS[i]),
  ]);
  console.log(`${values.rounds} runs of ${seconds} s at each rate, medians\n`);
  console.log(table(['lines a second', 'p50 ms', 'p95 ms', 'p99 ms', 'target of p95'], rows));
} finally {
  await house.close();
}

async function ages(lines_per_second: number): Promise<number[]> {
  const run = await WrittenRun.begin(house, { lines_per_second, seconds });
  const page = await house.following(run.run_id);
  await page.run(() => window.probe.watch());
  await run.go();
  await page.run((n) => window.probe.painted(n), run.last);
  const { painted } = await page.run(() => window.probe.watched());
  const { stamps } = await run.ended();
  await page.close();
  return agesOf(
    run,
    stamps,
    painted.map(([at, n]) => [at, n - LINES_BEFORE] as const),
  );
}
