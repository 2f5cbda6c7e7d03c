/** Reading a log: what is selected is copied and linked to, sections fold, times stand beside the lines; with the keyboard alone, too. */
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright/test';
import { axeFinds } from '../support/axe.ts';
import { expect, test as base } from '../support/house.ts';
import { Line, type LineOptions } from '../support/line.ts';
import { Signalbox } from '../support/signalbox.ts';

const LINES = 3_000;
const RED = '\\033[31m';
const PLAIN = '\\033[0m';
const ERASE = '\\033[K';
/** What a deploy prints after its first four lines. */
const OUTPUT = `
echo '::group::Install'
seq -f 'package %.0f' 1 200
echo '::endgroup::'
printf '${RED}red one\\nred two${PLAIN}${ERASE} and plain\\n'
seq -f 'line %.0f of the restart' 1 ${LINES}
`;
/** Of \`line 1 of the restart\`. */
const FIRST = 209;

interface Reading {
  page: Page;
  log: Locator;
  url: string;
}

/** A server whose run with that number has ended. */
interface Written {
  server: Signalbox;
  run_id: number;
}

/** @param through the tier the release has come through. */
async function withWritten(options: LineOptions, through: string, use: (written: Written) => Promise<void>): Promise<void> {
  const line = await Line.make(options);
  await appendFile(join(line.nodeRoot('staging-1'), 'restart.sh'), OUTPUT);
  const server = await new Signalbox(line).start();
  await line.push({ version: '1.0.0' });
  const complete = async (): Promise<boolean> => (await server.events('promote_complete')).some(({ tier }) => tier === through);
  await expect.poll(complete, { timeout: 30_000 }).toBe(true);
  const deployed = (await server.events('deploy_ok')).find(({ node }) => node === 'staging-1');
  await use({ server, run_id: Number(deployed?.['run_id']) });
  await server.stop();
  await line.remove();
}

const test = base.extend<{ own: Written; reading: Reading }, { written: Written }>({
  // For those who only read: one for all of them.
  written: [async ({}, use) => withWritten({}, 'staging', use), { scope: 'worker', timeout: 60_000 }],
  // Nothing waits on it any more: its log may go.
  own: async ({}, use) => withWritten({ confirm: false }, 'production', use),
  reading: async ({ written, context, page }, use) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const url = `${written.server.url}/runs/${written.run_id}`;
    await page.goto(url);
    const log = page.getByRole('log');
    await expect(log).toContainText(`line ${LINES} of the restart`);
    await use({ page, log, url });
  },
});

const copied = (page: Page): Promise<string> => page.evaluate(() => navigator.clipboard.readText());
const number = (log: Locator, n: number): Locator => log.getByRole('link', { name: `Line ${n}`, exact: true });

test('lines are selected, copied and linked to with the keyboard alone', async ({ reading: { page, log, url } }) => {
  await log.focus();
  await page.keyboard.press('g');
  await page.keyboard.press('g');
  await expect(log).toContainText('restarting staging-1');
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Shift+ArrowDown');
  const bar = page.getByRole('group', { name: 'Selection' });
  await expect(bar).toContainText('3 lines selected');
  await page.keyboard.press('Shift+ArrowUp');
  await expect(bar).toContainText('2 lines selected');
  await page.keyboard.press('Control+c');
  await expect(bar).toContainText('Copied 2 lines.');
  expect((await copied(page)).split('\n')).toHaveLength(2);
  await expect(page).toHaveURL(/#L1-2@0$/);
  await page.keyboard.press('y');
  await expect(bar).toContainText('Link copied.');
  const link = await copied(page);
  expect(link).toBe(page.url());
  await page.keyboard.press('Escape');
  await expect(bar).toHaveCount(0);
  expect(page.url()).toBe(url);

  await page.goto('about:blank');
  await page.goto(link);
  await expect(number(log, 1)).toBeVisible();
  await expect(bar).toContainText('2 lines selected');
});

test('the byte of a link wins over its number', async ({ reading: { page, log, url } }) => {
  await number(log, FIRST + LINES - 1).click();
  await expect(page).toHaveURL(/@\d+$/);
  const offset = /@(\d+)$/.exec(page.url())?.[1] ?? '';
  await page.goto('about:blank');
  await page.goto(`${url}#L12-13@${offset}`);
  await expect(page).toHaveURL(`${url}#L${FIRST + LINES - 1}-${FIRST + LINES}@${offset}`);
  await expect(number(log, FIRST + LINES - 1)).toBeInViewport();
});

test('text that is dragged over keeps its beginning beyond the screen, and is copied with and without colours', async ({
  reading: { page, log },
}) => {
  await page.goto(`${page.url()}#L207`);
  const bar = page.getByRole('group', { name: 'Selection' });
  await expect(bar).toContainText('Line 207 selected');
  const red = log.getByText('red one', { exact: true });
  const box = await red.boundingBox();
  const view = await log.boundingBox();
  if (box === null || view === null) throw new Error('not shown');
  const column = box.width / 'red one'.length;
  await page.mouse.move(box.x + 4 * column + 1, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + 4 * column + 30, box.y + 60, { steps: 4 });
  await page.mouse.move(box.x + 4 * column + 30, view.y + view.height + 12, { steps: 8 });
  await expect(log).not.toContainText('red one');
  // In view, and not only among the spare rows below it: the selection goes as far as the log has moved.
  await expect(log.getByText('line 45 of the restart', { exact: true })).toBeInViewport();
  await page.mouse.up();
  await expect(bar).toContainText(/^\d+ lines selected/);
  const lines = Number(/(\d+) lines/.exec((await bar.textContent()) ?? '')?.[1]);
  expect(lines).toBeGreaterThan(40);
  await page.keyboard.press('Control+c');
  await expect(bar).toContainText(`Copied ${lines} lines.`);
  const plain = (await copied(page)).split('\n');
  expect(plain.slice(0, 3)).toEqual(['one', 'red two and plain', 'line 1 of the restart']);
  expect(plain).toHaveLength(lines);
  await bar.getByRole('button', { name: 'Copy with colours' }).click();
  await expect(bar).toContainText('Copied');
  await expect.poll(() => copied(page)).toContain('\u001b[0;31mone\u001b[0m\n\u001b[0;31mred two\u001b[0m and plain\n');
});

test('all of a log is copied, also what was never on the screen', async ({ reading: { page, log } }) => {
  await log.focus();
  await page.keyboard.press('Control+a');
  const bar = page.getByRole('group', { name: 'Selection' });
  await expect(bar).toContainText(/3,2\d\d lines selected/);
  await bar.getByRole('button', { name: 'Copy', exact: true }).click();
  await expect(bar).toContainText('Copied 3,2');
  const text = await copied(page);
  expect(text.split('\n').filter((line) => /^line \d+ of the restart$/.test(line))).toHaveLength(LINES);
});

test('the focus stays in the log, or goes back to its button, when what had it goes', async ({ reading: { page, log } }) => {
  const menu = page.getByRole('button', { name: 'View of the log' });
  await menu.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('radio', { name: 'No times' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(menu).toBeFocused();

  await log.focus();
  await page.keyboard.press('Shift+ArrowUp');
  const bar = page.getByRole('group', { name: 'Selection' });
  const copy = bar.getByRole('button', { name: 'Copy', exact: true });
  await copy.focus();
  await page.keyboard.press('Escape');
  await expect(bar).toHaveCount(0);
  await expect(log).toBeFocused();

  await log.getByText('line 2990 of the restart', { exact: true }).dblclick({ position: { x: 2, y: 8 } });
  await expect(bar).toContainText('Part of line');
  await page.keyboard.press('/');
  const field = page.getByRole('textbox', { name: 'Find' });
  await expect(field).toBeFocused();
  await page.keyboard.type('line 2');
  await expect(field).toHaveValue('line 2');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+c');
  expect((await copied(page)).trim()).toBe('line');
});

test('to a line, a share and a time that the reader names', async ({ reading: { page, log, url } }) => {
  await log.focus();
  await page.keyboard.press(':');
  const bar = page.getByRole('group', { name: 'Go to a place in the log' });
  const field = bar.getByRole('textbox', { name: 'Line or time' });
  await expect(field).toBeFocused();
  await page.keyboard.type('somewhere');
  await page.keyboard.press('Enter');
  await expect(field).toHaveAttribute('aria-invalid', 'true');
  await field.fill('1,234');
  await page.keyboard.press('Enter');
  await expect(bar).toHaveCount(0);
  await expect(log).toBeFocused();
  await expect(number(log, 1_234)).toBeInViewport();
  await expect(page).toHaveURL(new RegExp(`^${url}#L1234@\\d+$`));
  await page.getByRole('button', { name: /^Go to/ }).click();
  expect(await axeFinds(page)).toEqual([]);
  await field.fill('+0');
  await page.keyboard.press('Enter');
  await expect(number(log, 1)).toBeInViewport();
  await page.keyboard.press(':');
  await page.keyboard.type('100%');
  await page.keyboard.press('Enter');
  await expect(number(log, FIRST + LINES - 1)).toBeInViewport();
  await page.keyboard.press(':');
  await page.keyboard.press('Escape');
  await expect(bar).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL(url);
});

test('numbers are dragged over', async ({ reading: { page, log } }) => {
  await page.goto(`${page.url()}#L1000`);
  const from = await number(log, 1_000).boundingBox();
  const view = await log.boundingBox();
  if (from === null || view === null) throw new Error('not shown');
  await page.mouse.move(from.x + 5, from.y + 5);
  await page.mouse.down();
  await page.mouse.move(from.x + 5, view.y + 50, { steps: 5 });
  await page.mouse.move(from.x + 5, view.y - 40, { steps: 5 });
  await expect(number(log, 1_000)).toHaveCount(0);
  await page.mouse.up();
  const bar = page.getByRole('group', { name: 'Selection' });
  await expect(bar).toContainText(/\d+ lines selected/);
  await expect(page).toHaveURL(/#L\d+-1000@\d+$/);
});

test('a section folds, and a jump into it unfolds it', async ({ reading: { page, log } }) => {
  await log.focus();
  await page.keyboard.press('Home');
  const section = log.getByRole('button', { name: 'Section Install' });
  await expect(section).toHaveAttribute('aria-expanded', 'true');
  const row = log.locator('[data-line]', { has: page.getByRole('button', { name: 'Section Install' }) });
  // In its own row, and not in the next one.
  expect((await section.boundingBox())?.y).toBe((await row.boundingBox())?.y);
  await section.focus();
  await page.keyboard.press('Enter');
  await expect(section).toHaveAttribute('aria-expanded', 'false');
  await expect(log).toContainText('201 lines hidden');
  await expect(number(log, 207)).toBeVisible();
  await expect(number(log, 100)).toHaveCount(0);
  await log.focus();
  await page.keyboard.press('/');
  await page.keyboard.type('package 150');
  await page.keyboard.press('Enter');
  await expect(number(log, 155)).toBeInViewport();
  await expect(log).toContainText('package 150');
  await page.keyboard.press('Escape');
  // A row that has the focus and goes leaves it in the log.
  await page.keyboard.press('Home');
  await section.focus();
  await page.keyboard.press('End');
  await expect(section).toHaveCount(0);
  await expect(log).toBeFocused();
  await page.getByRole('button', { name: 'Fold all' }).click();
  await expect(log).not.toContainText('package 150');
  await page.getByRole('button', { name: 'Unfold all' }).click();
});

test('numbers stay in view beside long lines, and cost nothing where all lines fit', async ({ reading: { page, log } }) => {
  await log.focus();
  await page.keyboard.press('Home');
  const gutter = log.locator('[data-line="1"] .gutter');
  await expect(gutter).toHaveCSS('position', 'static');
  await page.setViewportSize({ width: 300, height: 800 });
  await expect(gutter).toHaveCSS('position', 'sticky');
  const { x } = (await gutter.boundingBox())!;
  expect(await log.evaluate((element) => ((element.scrollLeft = 40), element.scrollLeft))).toBeGreaterThan(0);
  expect((await gutter.boundingBox())?.x).toBe(x);
});

test('lines are left to read where the page is read at 200 %, and what is found, chosen and pressed is seen in the reader’s own colours', async ({
  reading: { page, log },
}) => {
  await page.setViewportSize({ width: 720, height: 450 });
  await log.focus();
  await page.keyboard.press('/');
  await page.keyboard.type('red');
  const now = log.getByText('red', { exact: true }).first();
  await expect(now).toBeInViewport();
  expect((await log.boundingBox())?.height).toBeGreaterThan(200);

  await page.setViewportSize({ width: 1280, height: 800 });
  await page.emulateMedia({ forcedColors: 'active', colorScheme: 'dark' });
  await number(log, 208).click();
  const word = page.getByRole('button', { name: 'Whole words' });
  await word.click();
  const style = (of: Locator, property: string): Promise<string> =>
    of.evaluate((element, name) => getComputedStyle(element).getPropertyValue(name), property);
  expect(await style(now, 'background-color')).not.toBe(await style(log, 'background-color'));
  expect(await style(log.locator('[data-line="208"] .text'), 'outline-style')).toBe('solid');
  expect(await style(word, 'border-top-width')).toBe('3px');
  expect(await axeFinds(page)).toEqual([]);
});

test('the page of a run names the scripts of its view, which are there and are sent packed', async ({ reading: { url } }) => {
  const page = await (await fetch(url, { headers: { accept: 'text/html' } })).text();
  const parts = [...page.matchAll(/<link rel="modulepreload" crossorigin href="([^"]+)" \/>/g)].map(([, part = '']) => part);
  expect(parts.some((part) => part.startsWith('/assets/Run-'))).toBe(true);
  for (const part of parts) {
    const { status, headers } = await fetch(new URL(part, url), { headers: { 'accept-encoding': 'gzip' } });
    expect([part, status, headers.get('content-encoding')]).toEqual([part, 200, 'gzip']);
  }
});

test('a short log that wraps shows its last line', async ({ written: { server }, page }) => {
  const deployed = (await server.events('deploy_ok')).find(({ node }) => node === 'staging-2');
  await page.setViewportSize({ width: 300, height: 800 });
  await page.goto(`${server.url}/runs/${Number(deployed?.['run_id'])}`);
  const log = page.getByRole('log');
  await log.focus();
  const lines = log.locator('[data-line]');
  const before = await lines.count();
  const last = lines.last();
  await expect(last).toBeInViewport();
  await page.keyboard.press('w');
  await expect.poll(() => lines.count()).toBeGreaterThan(before);
  await expect(last).toBeInViewport({ ratio: 0.9 });
});

test('control characters are shown when asked for, in the log and not in what is copied, and that is remembered', async ({
  reading: { page, log },
}) => {
  await page.goto(`${page.url()}#L208`);
  await expect(log).toContainText('red two and plain');
  await page.getByRole('button', { name: 'View of the log' }).click();
  await page.getByRole('checkbox', { name: 'Control characters' }).check();
  await expect(log).toContainText('red two␛[K and plain');
  await page.reload();
  await expect(log).toContainText('red two␛[K and plain');
  // From before the picture to the end: the picture takes up room and is no part of the text.
  const row = log.locator('[data-line="208"]');
  const box = await row.getByText('red two', { exact: true }).boundingBox();
  if (box === null) throw new Error('not shown');
  const column = box.width / 'red two'.length;
  await page.keyboard.press('Escape');
  await page.mouse.move(box.x + 4 * column + 1, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + 14 * column + 1, box.y + box.height / 2, { steps: 5 });
  await page.mouse.up();
  await page.keyboard.press('Control+c');
  await expect.poll(() => copied(page)).toBe('two and');
});

test('times go round with a key and are remembered; the log is a file in three forms', async ({ reading: { page, log } }) => {
  await log.focus();
  await page.keyboard.press('t');
  await expect(log.locator('time').last()).toHaveText(/^\d\d:\d\d:\d\d\.\d{3}$/);
  await page.keyboard.press('t');
  await expect(log.locator('time').last()).toHaveText(/^0:\d\d\.\d{3}$/);
  await page.reload();
  await expect(log.locator('time').last()).toHaveText(/^0:\d\d\.\d{3}$/);
  await page.keyboard.press('t');
  await expect(log.locator('time').last()).toHaveText(/^\+\d+\.\d{3}$/);
  expect(await axeFinds(page)).toEqual([]);

  for (const [name, ending] of [
    [/As written/, '.log'],
    [/Plain text/, '.txt'],
    [/Compressed/, '.log.gz'],
  ] as const) {
    await page.getByRole('button', { name: 'Download the log' }).click();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name }).click()]);
    expect(download.suggestedFilename()).toMatch(new RegExp(`${ending.replaceAll('.', '\\.')}$`));
  }
  await number(log, FIRST + LINES - 1).click();
  await page.getByRole('button', { name: 'Download the log' }).click();
  const [part] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: /1 line that is selected/ }).click()]);
  const stream = await part.createReadStream();
  const parts: Buffer[] = [];
  for await (const piece of stream) parts.push(piece as Buffer);
  expect(Buffer.concat(parts).toString()).toBe(`line ${LINES} of the restart\n`);
});

test('the page of a deleted log says when and why it went, and what is known of it still', async ({ own: { server, run_id }, page }) => {
  const { bytes, sha256 } = (await server.get(`/api/v1/runs/${run_id}/log/stat`)) as { bytes: number; sha256: string };
  await server.stop();
  await appendFile(server.line.config, 'logs: { keep_bytes: 1B }\n');
  await server.start();
  await expect.poll(async () => ((await server.get(`/api/v1/runs/${run_id}/log/stat`)) as { code?: string }).code).toBe('log_deleted');
  await page.goto(`${server.url}/runs/${run_id}`);
  const main = page.getByRole('main');
  await expect(main).toContainText('Log deleted to keep logs within 1 byte; outcome and hash kept.');
  await expect(main).toContainText(`${bytes.toLocaleString('en-GB')} bytes`);
  await expect(main).toContainText(sha256);
  await expect(page.getByRole('log')).toHaveCount(0);
});
