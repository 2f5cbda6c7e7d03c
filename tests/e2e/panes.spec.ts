/** Runs side by side: live, on one socket, at one time, as the address says. */
import type { Locator, Page } from 'playwright/test';
import { axeFinds } from '../support/axe.ts';
import { expect, test as base } from '../support/house.ts';
import { Feeds } from '../support/feeds.ts';

const LINES = 60;
/** What the build says before it begins: the one that began later says it when the other has said it already, so that line 1 of the one is of the time of the line after it of the other. */
const LINES_BEFORE = 2;

const test = base.extend<{ feeds: Feeds }>({
  feeds: async ({}, use) => {
    const feeds = await Feeds.start(9);
    await use(feeds);
    await feeds.stop();
  },
});

const log = (page: Page, run_id: number): Locator => page.getByRole('log', { name: `Log of build, run ${run_id}` });
const pane = (page: Page, run_id: number): Locator => page.getByRole('region', { name: new RegExp(`^Pane .*, run ${run_id}$`) });
/** The first line in view. */
const first = (of: Locator): Promise<number> =>
  of.evaluate((element) => {
    const { top } = element.getBoundingClientRect();
    const rows = [...element.querySelectorAll<HTMLElement>('[data-line]')];
    return Number(rows.find((row) => row.getBoundingClientRect().bottom > top + 4)?.dataset['line'] ?? NaN);
  });

/** Two live builds whose lines come in turn, so that line n of the one and of the other are of nearly the same time. */
async function twoLive(feeds: Feeds): Promise<[number, number]> {
  const runs: [number, number] = [await feeds.build('p1'), await feeds.build('p2')];
  const lines = async (run_id: number): Promise<number> =>
    ((await feeds.server.get(`/api/v1/runs/${run_id}/log/stat`)) as { lines?: number }).lines ?? 0;
  for (const run_id of runs) await expect.poll(() => lines(run_id)).toBe(LINES_BEFORE);
  for (let n = 1; n <= LINES; n++) {
    for (const [i, name] of ['p1', 'p2'].entries()) {
      await feeds.print(name, `${name} line ${n} of the build\n`);
      await expect.poll(() => lines(runs[i]!), { intervals: [5] }).toBe(LINES_BEFORE + n);
    }
  }
  return runs;
}

test('two live runs side by side: each its own log, one time, the address', async ({ feeds, page }) => {
  test.slow();
  await page.setViewportSize({ width: 1440, height: 600 });
  const [one, two] = await twoLive(feeds);
  await page.goto(`${feeds.server.url}/panes?runs=${one},${two}`);
  await expect(log(page, one)).toContainText(`p1 line ${LINES} `);
  await expect(log(page, two)).toContainText(`p2 line ${LINES} `);
  await feeds.print('p2', 'only in the second\n');
  await expect(log(page, two)).toContainText('only in the second');
  await expect(log(page, one)).not.toContainText('only in the second');

  // Scrolled with the wheel, the other goes to the same time; not the other way round.
  await log(page, one).hover();
  await page.mouse.wheel(0, -600);
  await expect.poll(() => first(log(page, one))).toBeLessThan(LINES - 30);
  await expect.poll(async () => Math.abs((await first(log(page, one))) - (await first(log(page, two))))).toBeLessThanOrEqual(1);
  const stays = await first(log(page, one));
  await expect(page.getByText(/\d\d:\d\d:\d\d\s+\d+:\d\d into build, run/)).toBeVisible();
  await page.waitForFunction(() => new Promise((resolve) => setTimeout(() => resolve(true), 500)));
  expect(await first(log(page, one))).toBe(stays);

  // With keys, in the pane that has the focus.
  await page.keyboard.press('2');
  await expect(log(page, two)).toBeFocused();
  await page.keyboard.press('g');
  await page.keyboard.press('g');
  await expect.poll(() => first(log(page, two))).toBe(1);
  await expect.poll(() => first(log(page, one))).toBeLessThanOrEqual(LINES_BEFORE + 1);

  // Each its own way.
  await page.keyboard.press('s');
  await expect(page).toHaveURL(/time=own/);
  await page.keyboard.press('G');
  await expect(log(page, two)).toContainText('only in the second');
  await expect.poll(() => first(log(page, one))).toBeLessThanOrEqual(LINES_BEFORE + 1);

  // The order, with what was read and the focus staying.
  const back = pane(page, one).getByRole('button', { name: /back$/ });
  await back.focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`runs=${two},${one}`));
  await expect(pane(page, one)).toHaveAccessibleName(/^Pane 2 of 2/);
  await expect(back).toBeFocused();
  await expect.poll(() => first(log(page, one))).toBeLessThanOrEqual(LINES_BEFORE + 1);

  // By dragging its head.
  const [from, to] = [await pane(page, one).locator('header').boundingBox(), await pane(page, two).boundingBox()];
  await page.mouse.move(from!.x + from!.width / 2, from!.y + from!.height - 4);
  await page.mouse.down();
  await page.mouse.move(to!.x + 100, to!.y + 100, { steps: 5 });
  await page.mouse.up();
  await expect(page).toHaveURL(new RegExp(`runs=${one},${two}`));

  // Closed, and Back.
  await pane(page, two)
    .getByRole('button', { name: /^Close/ })
    .click();
  await expect(page).toHaveURL(new RegExp(`runs=${one}(&|$)`));
  await expect(pane(page, two)).toHaveCount(0);
  await page.goBack();
  await expect(log(page, two)).toContainText('only in the second');
  await pane(page, two)
    .getByRole('link', { name: /^Maximise/ })
    .click();
  await expect(page).toHaveURL(new RegExp(`/runs/${two}$`));
});

test('nine live runs on one socket, each with its own log', async ({ feeds, page }) => {
  test.slow();
  const sockets: string[] = [];
  page.on('websocket', (socket) => sockets.push(socket.url()));
  const runs: number[] = [];
  for (let i = 1; i <= 9; i++) runs.push(await feeds.build(`p${i}`));
  await page.goto(`${feeds.server.url}/panes?runs=${runs.join(',')}`);
  await expect(page.getByRole('log')).toHaveCount(9);
  await expect(page.getByRole('status', { name: 'Connection' })).toContainText('Live');
  for (let i = 1; i <= 9; i++) await feeds.print(`p${i}`, `word of p${i}\n`);
  for (const [i, run_id] of runs.entries()) {
    await expect(log(page, run_id)).toContainText(`word of p${i + 1}`);
    expect(await log(page, run_id).textContent()).not.toMatch(new RegExp(`word of p(?!${i + 1})`));
  }
  expect(sockets).toHaveLength(1);
  await expect(page.getByRole('button', { name: 'Add a run…' })).toHaveAttribute('aria-disabled', 'true');

  // Where not all of them fit, they scroll, and not the page into nothing.
  await page.setViewportSize({ width: 1024, height: 600 });
  for (let i = 1; i <= 9; i++) await feeds.fail(`p${i}`);
  await expect(page.getByText(/^Kept until /)).toHaveCount(9);
  const overflow = (): Promise<number> => page.evaluate(() => document.documentElement.scrollHeight - innerHeight);
  await expect.poll(overflow).toBeLessThanOrEqual(0);
});

test('a run is put beside from its page, and another from a pane; axe finds nothing', async ({ feeds, page }) => {
  test.slow();
  const [one, two] = [await feeds.build('p1'), await feeds.build('p2')];
  await feeds.print('p1', 'word of p1\n');
  await page.goto(`${feeds.server.url}/runs/${one}`);
  await page.getByRole('button', { name: 'Beside…' }).click();
  await page.getByRole('button', { name: new RegExp(`run ${two}`) }).click();
  await expect(page).toHaveURL(new RegExp(`/panes\\?runs=${one},${two}$`));
  await expect(page).toHaveTitle(`Runs ${one}, ${two} · Signalbox`);
  await expect(log(page, one)).toContainText('word of p1');

  const three = await feeds.build('p3');
  await page.getByRole('button', { name: 'Add a run…' }).click();
  await page.getByRole('button', { name: new RegExp(`run ${three}`) }).click();
  await expect(log(page, three)).toBeVisible();
  await expect(page).toHaveURL(new RegExp(`runs=${one},${two},${three}$`));

  const found: string[] = [];
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: 900 });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      found.push(...(await axeFinds(page)).map((one) => `${width} ${colorScheme}: ${one}`));
    }
  }
  expect(found).toEqual([]);
});

test('an address that names a run twice, none, or one that is none says so', async ({ feeds, page }) => {
  const run = await feeds.build('p1');
  await page.goto(`${feeds.server.url}/panes?runs=${run},${run},abc,999999`);
  await expect(page.getByText(`Run ${run} is named more than once and shown once.`)).toBeVisible();
  await expect(page.getByText('“abc” is not the number of a run.')).toBeVisible();
  await expect(page.getByRole('region', { name: 'Pane 2 of 2: run 999999' })).toContainText('There is no run 999999.');
  await page.goto(`${feeds.server.url}/panes`);
  await expect(page.getByText(/^No run is shown\./)).toBeVisible();
});
