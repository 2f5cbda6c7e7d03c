/// <reference lib="dom" />
/**
 * How long until a long log can be read: from the address to the first screen of lines, from a key to the end, the beginning, and a line in the middle, and
 * what the tab then holds. Real server, real run, real browser, loopback; medians of several openings. `node bench/log/open.ts [--lines 1000000] [--rounds 5]`.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium, type Page } from 'playwright';
import { BROWSER_ARGS, findBrowser } from '../../tests/support/browser.ts';
import { Line } from '../../tests/support/line.ts';
import { Signalbox } from '../../tests/support/signalbox.ts';
import { median } from '../../tests/faults/kit/median.ts';
import { sampleOutput } from './sample_output.ts';

const { values } = parseArgs({ options: { lines: { type: 'string', default: '1000000' }, rounds: { type: 'string', default: '5' } } });
const LINES = Number(values.lines);
const POLL_MS = 100;
/** Printed by the test script before the output. */
const SEED = 7;

const line = await Line.make();
const server = await new Signalbox(line).start();
const executablePath = await findBrowser(process.env);
const browser = await chromium.launch({
  args: [...BROWSER_ARGS, '--enable-precise-memory-info'],
  ...(executablePath === null ? {} : { executablePath }),
});
try {
  const output = join(line.folder, 'output');
  await writeFile(output, sampleOutput({ lines: LINES }, SEED));
  await line.commit();
  await writeFile(join(line.work, 'test.sh'), `cat ${output}\n`);
  await line.git(['commit', '--quiet', '-am', 'a long log'], line.work);
  await line.git(['push', '--quiet', 'origin', 'main'], line.work);
  const run_id = await passed();
  const { bytes, lines } = (await (await fetch(`${server.url}/api/v1/runs/${run_id}/log/stat`)).json()) as { bytes: number; lines: number };
  const taken: Record<'open' | 'end' | 'top' | 'middle' | 'heap_mb', number>[] = [];
  // The first warms the server up.
  for (let i = 0; i <= Number(values.rounds); i++) {
    const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
    const open = await timed(async () => {
      await page.goto(`${server.url}/runs/${run_id}`, { waitUntil: 'commit' });
      await shown(page, lines);
    });
    const top = await timed(() => pressed(page, 'Home', 1));
    const end = await timed(() => pressed(page, 'End', lines));
    const middle = await timed(async () => {
      await page.evaluate((n) => (location.hash = `#L${n}`), Math.floor(lines / 2));
      await shown(page, Math.floor(lines / 2));
    });
    const heap_mb = await page.evaluate(
      () => (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize / 1_048_576,
    );
    if (i > 0) taken.push({ open, end, top, middle, heap_mb });
    await page.context().close();
  }
  const of = (key: keyof (typeof taken)[number]): string => median(taken.map((each) => each[key])).toFixed(0);
  process.stdout.write(
    `${lines.toLocaleString('en')} lines, ${(bytes / 1e6).toFixed(0)} MB, ${taken.length} openings, medians: first screen ${of('open')} ms, to the beginning ${of('top')} ms, ` +
      `to the end ${of('end')} ms, to a line in the middle ${of('middle')} ms; heap of the page ${of('heap_mb')} MiB\n`,
  );
} finally {
  await browser.close();
  await server.stop();
  await line.remove();
}

async function passed(): Promise<number> {
  for (;;) {
    const { items } = (await (await fetch(`${server.url}/api/v1/runs?type=gate`)).json()) as {
      items: { run_id: number; gate: string; status: string }[];
    };
    const run = items.find(({ gate, status }) => gate === 'unit_tests' && status !== 'running');
    if (run !== undefined) return run.run_id;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function timed(body: () => Promise<void>): Promise<number> {
  const from = performance.now();
  await body();
  return performance.now() - from;
}

async function pressed(page: Page, key: string, n: number): Promise<void> {
  await page.getByRole('log').press(key);
  await shown(page, n);
}

/** Line `n` stands on the screen with its text, painted. */
async function shown(page: Page, n: number): Promise<void> {
  await page.waitForFunction((line) => document.querySelector(`[data-line="${line}"].text`) !== null, n, { polling: 'raf' });
}
