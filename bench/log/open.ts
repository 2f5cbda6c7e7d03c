/// <reference lib="dom" />
/**
 * How long until a long log can be read: from the address to the first screen of lines, by somebody who was never here and by somebody whose browser has the page
 * already, and where that time goes; from a click on the project's page; to the beginning, the end and a line in the middle; and what the tab then holds. A screen
 * counts when its last line and all others on it are there. Real server, real run, real browser, loopback; medians of several openings, each in a
 * browser context of its own. One opening before is not counted: it warms the server up.
 *
 * Run: `node bench/log/open.ts [--lines 1000000] [--rounds 5]`. With 10,000,000 lines it takes about two minutes and 2 GB of disk. Ends by itself.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { middle, table } from './figures.ts';
import { PaneHouse } from './pane_house.ts';
import type { QuietPage } from './quiet_page.ts';
import { sampleOutput } from './sample_output.ts';
import { renderers, tabMemory, type TabMemory } from './tab_memory.ts';

const { values } = parseArgs({ options: { lines: { type: 'string', default: '1000000' }, rounds: { type: 'string', default: '5' } } });
const SEED = 7;
/** Of what the page asks for. */
const RUN_PAGE = '/assets/Run-';

/** When each thing was there, ms from the address on. */
interface Steps {
  html: number;
  /** The first script has run: the page stands and asks its own questions. */
  ready: number;
  run_page: number;
  asked: number;
  answered: number;
  painted: number;
}

interface Opening {
  first: Steps;
  again: Steps;
  /** Since the visit before it the browser has kept what it compiled. */
  often: Steps;
  clicked: number;
  top: number;
  middle: number;
  end: number;
  tab: TabMemory;
  blank: TabMemory;
}

const house = await PaneHouse.open();
try {
  const output = join(house.line.folder, 'output');
  await writeFile(output, sampleOutput({ lines: Number(values.lines) }, SEED));
  const run_id = await house.run(`cat ${output}\n`);
  const { bytes, lines } = await house.passed(run_id);
  const taken: Opening[] = [];
  for (let i = 0; i <= Number(values.rounds); i++) {
    const opening = await opened(run_id, lines);
    if (i > 0) taken.push(opening);
  }
  const of = (pick: (opening: Opening) => number): string => middle(taken, pick);
  const steps = (name: 'first' | 'again' | 'often', visit: string): string[] => [
    `by its address, ${visit}`,
    ...(['html', 'ready', 'run_page', 'asked', 'answered', 'painted'] as const).map((step) => of((opening) => opening[name][step])),
    of((opening) => opening[name].painted - opening[name].ready),
  ];
  console.log(`${lines.toLocaleString('en')} lines, ${(bytes / 1e6).toFixed(0)} MB, medians of ${taken.length} openings\n`);
  console.log(
    table(
      ['to the first screen, ms', 'html', 'page ready', 'run page', 'log asked for', 'answered', 'painted', 'after page ready'],
      [steps('first', 'first visit'), steps('again', 'page in the cache'), steps('often', 'third visit')],
    ),
  );
  console.log(
    `\n${table(
      ['from the event until painted', 'ms'],
      [
        ['a click on the run in its project', of(({ clicked }) => clicked)],
        ['to the beginning', of(({ top }) => top)],
        ['to a line in the middle', of((opening) => opening.middle)],
        ['to the end', of(({ end }) => end)],
      ],
    )}`,
  );
  console.log(
    `\n${table(
      ['the tab, MiB', 'heap', 'its process', 'without what is shared'],
      (['tab', 'blank'] as const).map((name) => [
        name === 'tab' ? 'after all of this' : 'an empty page',
        of((opening) => opening[name].heap_mib),
        of((opening) => opening[name].rss_mib),
        of((opening) => opening[name].pss_mib),
      ]),
    )}`,
  );
} finally {
  await house.close();
}

async function opened(run_id: number, lines: number): Promise<Opening> {
  const others = await renderers(house.browser);
  const page = await house.page();
  const blank = await tabMemory(page, house.browser, others);
  const first = await byAddress(page, run_id, lines);
  const again = await byAddress(page, run_id, lines);
  const often = await byAddress(page, run_id, lines);
  await page.goto(`${house.server.url}/projects/app`);
  const link = `a[href="/runs/${run_id}"]`;
  // As for somebody who has looked at the project for some seconds: the other pages are fetched meanwhile.
  await page.until(
    (wanted, part) =>
      document.querySelector(wanted) !== null && performance.getEntriesByType('resource').some(({ name }) => name.includes(part)),
    [link, RUN_PAGE],
  );
  const clicked = await after(page, 'click', lines, () => page.click(link));
  await page.run(() => document.querySelector<HTMLElement>('[role="log"]')?.focus());
  const top = await after(page, 'keydown', 1, () => page.press('Home'));
  const toMiddle = await page.run((n) => window.probe.since(() => (location.hash = `#L${n}`), n), Math.floor(lines / 2));
  const end = await after(page, 'keydown', lines, () => page.press('End'));
  const tab = await tabMemory(page, house.browser, others);
  await page.close();
  return { first, again, often, clicked, top, middle: toMiddle, end, tab, blank };
}

async function byAddress(page: QuietPage, run_id: number, lines: number): Promise<Steps> {
  await page.goto('about:blank');
  await page.goto(house.runUrl(run_id));
  return page.run(
    async (n, run_page) => {
      const painted = await window.probe.painted(n);
      const [page] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
      const asked = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
      const log = asked.filter(({ name }) => /\/log\/(?:stat|lines)/.test(name));
      return {
        html: page!.responseEnd,
        ready: page!.domContentLoadedEventStart,
        run_page: asked.find(({ name }) => name.includes(run_page))?.responseEnd ?? Number.NaN,
        asked: Math.min(...log.map(({ startTime }) => startTime)),
        answered: Math.min(...log.filter(({ name }) => name.includes('/lines')).map(({ responseEnd }) => responseEnd)),
        painted,
      };
    },
    lines,
    RUN_PAGE,
  );
}

/** @param act leads to the event. @returns milliseconds from it until line `n` is painted. */
async function after(page: QuietPage, type: string, n: number, act: () => Promise<void>): Promise<number> {
  // Heard before it is made.
  await page.run((event, line) => void window.probe.after(event, line), type, n);
  await act();
  return page.run(() => window.probe.heard());
}
