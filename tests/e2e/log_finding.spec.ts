/** Finding in a log that is written, and what leads to a line: an error, a link from beside others, keys that lead nowhere else. */
import type { Locator, Page } from 'playwright/test';
import { Feeds } from '../support/feeds.ts';
import { expect, test as base } from '../support/house.ts';

const test = base.extend<{ feeds: Feeds }>({
  feeds: async ({}, use) => {
    const feeds = await Feeds.start(1);
    await use(feeds);
    await feeds.stop();
  },
});

const log = (page: Page): Locator => page.getByRole('log');
const number = (page: Page, n: number): Locator => log(page).getByRole('link', { name: `Line ${n}`, exact: true });
const lines = (many: number, text: string): string => `${text}\n`.repeat(many);

test('what comes of a log that is written is found, counted and shown alone, too; Escape leads back into the log', async ({
  feeds,
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const run_id = await feeds.build('p1');
  await feeds.print('p1', lines(100, 'quiet') + lines(3, 'alpha'));
  await page.goto(`${feeds.server.url}/runs/${run_id}`);
  await expect(log(page)).toContainText('alpha');
  await page.keyboard.press('/');
  await page.keyboard.type('alpha');
  const bar = page.getByRole('search', { name: 'Find in the log' });
  await expect(bar).toContainText('1 of 3 lines');
  await feeds.print('p1', lines(2, 'alpha'));
  await expect(bar).toContainText('1 of 5 lines');
  await bar.getByRole('button', { name: 'Only these lines' }).click();
  await expect(log(page)).not.toContainText('quiet');
  await feeds.print('p1', 'the last alpha\n');
  await expect(log(page)).toContainText('the last alpha');
  await expect(page.getByRole('button', { name: /new line/ })).toHaveCount(0);
  await bar.getByRole('textbox').fill('alphabet');
  await expect(log(page)).toContainText('No line has “alphabet”.');
  await page.keyboard.press('Escape');
  await expect(bar).toHaveCount(0);
  await expect(log(page)).toBeFocused();
  await expect(log(page)).toContainText('the last alpha');

  await page.keyboard.press('y');
  const receipt = page.getByRole('group', { name: 'Selection' });
  await expect(receipt).toContainText('Link copied.');
  await page.keyboard.press('Escape');
  await expect(receipt).toHaveCount(0);
  for (const key of ['g', 'g', 'n']) await page.keyboard.press(key);
  await expect(number(page, 1)).toBeInViewport();
  await expect(page).toHaveURL(`${feeds.server.url}/runs/${run_id}`);
});

test('a run that failed opens at its first error, from its project and by its address; the next one is a press away', async ({
  feeds,
  page,
}) => {
  const run_id = await feeds.build('p1');
  await feeds.print('p1', lines(300, 'quiet') + 'src/a.ts(3,5): error TS2345: the types do not agree\n' + lines(300, 'after it'));
  await feeds.fail('p1');
  await expect.poll(async () => (await feeds.server.events('build_failed')).length).toBe(1);
  const opened = async (): Promise<void> => {
    await expect(log(page)).toContainText('error TS2345');
    await expect(log(page).getByText('error TS2345')).toBeInViewport();
  };
  await page.goto(`${feeds.server.url}/projects/p1`);
  await page.locator(`a[href="/runs/${run_id}"]`).first().click();
  await opened();
  await page.goto(`${feeds.server.url}/runs/${run_id}`);
  await opened();
  await log(page).focus();
  await page.keyboard.press('Home');
  await expect(log(page).getByText('error TS2345')).toHaveCount(0);
  await page.getByRole('button', { name: 'Next error' }).click();
  await opened();
});

test('a match is brought into view where its line is long, wrapped or not', async ({ feeds, page }) => {
  const run_id = await feeds.build('p1');
  await feeds.print('p1', lines(60, 'quiet') + `${'word '.repeat(2_000)}far away\n` + lines(60, 'quiet') + 'near\n');
  await page.goto(`${feeds.server.url}/runs/${run_id}`);
  await expect(log(page)).toContainText('near');
  await page.keyboard.press('/');
  const field = page.getByRole('textbox', { name: 'Find' });
  await field.fill('far away');
  const far = log(page).getByText('far away', { exact: true });
  await expect(far).toBeInViewport({ ratio: 1 });
  await field.fill('near');
  await expect(log(page).getByText('near', { exact: true })).toBeInViewport({ ratio: 1 });
  await page.getByRole('button', { name: 'Wrap' }).click();
  await field.fill('far away');
  await expect(far).toBeInViewport({ ratio: 1 });
});

test('the number of a line beside others leads to that line on the page of its run', async ({ feeds, page }) => {
  const run_id = await feeds.build('p1');
  await feeds.print('p1', lines(40, 'word'));
  await page.goto(`${feeds.server.url}/panes?runs=${run_id}`);
  await number(page, 30).click();
  await expect(page).toHaveURL(new RegExp(`/runs/${run_id}#L30(@\\d+)?$`));
  await expect(page.getByRole('group', { name: 'Selection' })).toContainText('Line 30 selected');
  await page.goBack();
  await page.getByRole('button', { name: /^Close/ }).click();
  await expect(page.getByRole('button', { name: 'Add a run…' })).toBeFocused();
});
