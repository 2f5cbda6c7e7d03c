/// <reference lib="dom" />
/**
 * Our pane beside a plain `<pre>`, xterm.js and CodeMirror 6 that only shows, in the same run on the same logs: opening a finished log of about 100 MB, and following a
 * run that writes 50,000 lines a second. The others get the text without any of what stands around ours: a bare page, the log as one file from the disk,
 * the stream taken out of its frames by another process. xterm.js remembers the whole log when it opens one, and `STREAM_KEPT_LINES` when it follows. Each
 * has `WITHIN_MS` to have the log; what takes longer, or loses its page, counts as not done.
 *
 * Run: `node bench/log/others.ts [--lines 1600000] [--seconds 10] [--only open|stream]`: one round, about four minutes. Ends by itself.
 */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { quantile, table } from './figures.ts';
import { PaneHouse } from './pane_house.ts';
import type { Frames } from './page_probe.ts';
import { PageGone, type QuietPage } from './quiet_page.ts';
import { renderers, tabMemory, type TabMemory } from './tab_memory.ts';
import { ViewerHouse } from './viewer_house.ts';
import { lines as written } from './writer.ts';
import { agesOf, LINES_BEFORE, WrittenRun } from './written_run.ts';

const { values } = parseArgs({
  options: {
    lines: { type: 'string', default: '1600000' },
    rate: { type: 'string', default: '50000' },
    seconds: { type: 'string', default: '10' },
    only: { type: 'string', default: '' },
  },
});
const LINES = Number(values.lines);
const rate = { lines_per_second: Number(values.rate), seconds: Number(values.seconds) };
const NAMES = ['ours', 'pre', 'xterm', 'codemirror'] as const;
type Name = (typeof NAMES)[number];
const WITHIN_MS = 45_000;
const STREAM_KEPT_LINES = 100_000;
const PIECE_LINES = 10_000;

interface Opened {
  first: number;
  /** The whole log is there; of ours, that never has it, the first screen. */
  whole: number;
  end: number;
  middle: number;
  tab: TabMemory;
}

interface Followed {
  frames: Frames;
  ages: number[];
  tab: TabMemory;
}

const house = await PaneHouse.open();
const viewers = await ViewerHouse.open(join(house.line.folder, 'viewers'), house.server.url);
try {
  if (values.only !== 'stream') await compareOpening();
  if (values.only !== 'open') await compareFollowing();
} finally {
  await viewers.close();
  await house.close();
}

async function compareOpening(): Promise<void> {
  viewers.log = join(house.line.folder, 'output');
  const file = createWriteStream(viewers.log);
  for (let n = 1; n <= LINES; n += PIECE_LINES)
    if (!file.write(written(n, Math.min(LINES, n + PIECE_LINES - 1)))) await once(file, 'drain');
  await new Promise<void>((resolve) => file.end(resolve));
  const run_id = await house.run(`cat ${viewers.log}\n`);
  const { bytes } = await house.passed(run_id);
  const all = new Map<Name, Opened | string>();
  for (const name of NAMES) all.set(name, await within((page, others) => opened(page, others, name, run_id)));
  const ours = all.get('ours');
  const heads = [
    'opening, ms',
    'first screen',
    'whole log',
    'to the middle',
    'to the end',
    'heap MiB',
    'process MiB',
    'its own MiB',
    'x ours',
  ];
  const rows = NAMES.map((name) => {
    const one = all.get(name);
    if (typeof one !== 'object') return [name, one ?? '–', ...Array<string>(heads.length - 2).fill('')];
    const figures = [one.first, one.whole, one.middle, one.end, one.tab.heap_mib, one.tab.rss_mib, one.tab.pss_mib];
    const ratio =
      typeof ours === 'object' ? `${(one.whole / ours.whole).toFixed(1)} / ${(one.tab.pss_mib / ours.tab.pss_mib).toFixed(1)}` : '–';
    return [name, ...figures.map((figure) => figure.toFixed(0)), ratio];
  });
  console.log(
    `${LINES.toLocaleString('en')} lines, ${(bytes / 1e6).toFixed(0)} MB; x ours: until the whole log is there / its own memory\n`,
  );
  console.log(`${table(heads, rows)}\n`);
}

async function opened(page: QuietPage, others: Set<number>, name: Name, run_id: number): Promise<Opened> {
  const address = name === 'ours' ? house.runUrl(run_id) : `${viewers.url}/?viewer=${name}&open&kept=${LINES + 1}`;
  await page.goto(address);
  // Ours opens at the end, the others at the beginning or wherever they are.
  const first = await page.run(
    (n) =>
      new Promise<number>((resolve) => {
        const look = (): void => {
          const { shown } = window.probe;
          if (n === null ? shown.newest() > 0 : shown.has(n)) requestAnimationFrame(() => resolve(performance.now()));
          else requestAnimationFrame(look);
        };
        look();
      }),
    name === 'ours' ? LINES + LINES_BEFORE : null,
  );
  const whole = name === 'ours' ? first : await page.run(() => window.whole);
  const half = Math.floor(LINES / 2);
  const toMiddle = await page.run(
    (n, own) => window.probe.since(() => (own ? (location.hash = `#L${n}`) : window.viewer.toLine(n)), n),
    half,
    name === 'ours',
  );
  const end = name === 'ours' ? await pressedEnd(page) : await page.run((n) => window.probe.since(() => window.viewer.toEnd(), n), LINES);
  return { first, whole, middle: toMiddle, end, tab: await tabMemory(page, house.browser, others) };
}

async function pressedEnd(page: QuietPage): Promise<number> {
  await page.run(() => document.querySelector<HTMLElement>('[role="log"]')?.focus());
  await page.run((n) => window.probe.after('keydown', n), LINES + LINES_BEFORE);
  await page.press('End');
  return page.run(() => window.probe.heard());
}

async function compareFollowing(): Promise<void> {
  const heads = [
    'following',
    'frames/s',
    'worst second',
    'with newer lines',
    'tasks > 50 ms',
    'longest',
    'age p50',
    'p95',
    'heap MiB',
    'its own MiB',
  ];
  const rows: string[][] = [];
  for (const name of NAMES) {
    const one = await within((page, others) => followed(page, others, name));
    if (typeof one === 'string') rows.push([name, one, ...Array<string>(heads.length - 2).fill('')]);
    else {
      const { frames, ages, tab } = one;
      const figures = [frames.per_second, frames.worst_second, frames.moved_per_second, frames.long_tasks, frames.longest_ms];
      rows.push([
        name,
        ...[...figures, quantile(ages, 0.5), quantile(ages, 0.95), tab.heap_mib, tab.pss_mib].map((figure) => figure.toFixed(0)),
      ]);
    }
  }
  console.log(`${values.rate} lines a second for ${values.seconds} s\n`);
  console.log(table(heads, rows));
}

async function followed(page: QuietPage, others: Set<number>, name: Name): Promise<Followed> {
  const run = await WrittenRun.begin(house, rate);
  if (name === 'ours') await house.follow(page, run.run_id);
  else {
    await page.goto(`${viewers.url}/?viewer=${name}&kept=${STREAM_KEPT_LINES}`);
    await page.until(() => 'viewer' in window, []);
  }
  const stop = name === 'ours' ? null : await viewers.pass(run.run_id);
  await page.run(() => window.probe.watch());
  await run.go();
  try {
    // The others that go by the text see the child's own numbers.
    const before = name === 'ours' || name === 'pre' ? LINES_BEFORE : 0;
    await page.run((n) => window.probe.painted(n), run.lines + before);
    const frames = await page.run(() => window.probe.watched());
    const { stamps } = await run.ended();
    const own = frames.painted.map(([at, n]) => [at, n - before] as const);
    return { frames, ages: agesOf(run, stamps, own), tab: await tabMemory(page, house.browser, others) };
  } finally {
    stop?.();
  }
}

/** @returns what it was measured as, or in words why it was not. */
async function within<T>(measure: (page: QuietPage, others: Set<number>) => Promise<T>): Promise<T | string> {
  const others = await renderers(house.browser);
  const page = await house.page();
  const { promise: over, resolve } = Promise.withResolvers<string>();
  const timer = setTimeout(() => resolve(`not within ${WITHIN_MS / 1_000} s`), WITHIN_MS);
  try {
    // What fails because the page is gone is told so.
    const measured = measure(page, others).catch((error: unknown) => {
      if (error instanceof PageGone) return error.message;
      throw error;
    });
    return await Promise.race([measured, over]);
  } finally {
    clearTimeout(timer);
    await page.close();
  }
}
