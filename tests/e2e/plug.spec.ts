/** The link between browser and server breaks at the worst moment: the page says so, the levers are off, and what was pressed is done once or not at all. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, type Locator } from 'playwright/test';
import { short, type Operator } from '../support/house.ts';
import { test, type Plug } from '../support/plug.ts';

test.describe.configure({ mode: 'parallel' });
test.use({ lineOptions: { autoProduction: false } });

async function waiting(plug: Plug): Promise<{ ana: Operator; version: string }> {
  const ana = await plug.operator('Ana');
  await plug.line.push({ version: '1.0.0' });
  await expect(ana.tier('staging')).toHaveAccessibleName(/waits for a confirm/, { timeout: 20_000 });
  return { ana, version: (await plug.line.runs('staging-1')) ?? '' };
}

const confirms = async ({ server }: Plug): Promise<number> => (await server.events('manual_confirm')).length;
const confirmIn = ({ dialog }: Operator): Locator => dialog.getByRole('button', { name: /^Confirm 1\.0\.0/ });

test('a link that swallows everything: stale after ten seconds with its age and the levers off; live again when it is back', async ({
  plug,
}) => {
  const { ana, version } = await waiting(plug);
  const lever = ana.needsYou.getByRole('button', { name: `Confirm ${short(version)} on staging` });
  await expect(lever).not.toHaveAttribute('aria-disabled', 'true');
  const began = Date.now();
  plug.proxy.blackhole();
  await expect(ana.connection).toContainText(/Stale, 1\d s/, { timeout: 20_000 });
  // The last word may have come up to a ping before.
  expect(Date.now() - began).toBeGreaterThan(5_000);
  expect(Date.now() - began).toBeLessThan(15_000);
  await expect(lever).toHaveAttribute('aria-disabled', 'true');
  await expect(ana.page.getByRole('banner')).toContainText(
    /No word from the server for 1\d s\. You see \d\d:\d\d:\d\d\. Buttons are off until it answers\./,
  );
  plug.proxy.resume();
  plug.proxy.reset();
  await expect(ana.connection).toContainText('Live');
  await expect(lever).not.toHaveAttribute('aria-disabled', 'true');
});

test('the answer to a confirm is lost and the server restarts: it is done, once, and the screen says so', async ({ plug }) => {
  const { ana, version } = await waiting(plug);
  await ana.reviews(version, 'staging');
  plug.proxy.blackhole('down');
  await confirmIn(ana).click();
  await expect.poll(() => confirms(plug)).toBe(1);
  await plug.server.kill();
  plug.proxy.reset();
  await expect(ana.dialog.getByText('No answer. Asking whether it arrived…')).toBeVisible();
  await plug.server.start();
  plug.proxy.resume();
  await expect(ana.dialog).toBeHidden({ timeout: 20_000 });
  await expect(ana.page.getByText(/Confirmed 1\.0\.0\S* on staging\. You, \d\d:\d\d:\d\d, #\d+\./).first()).toBeVisible();
  expect(await confirms(plug)).toBe(1);
});

test('the link is reset in the moment of the click: not received, sent again with the same key, done once', async ({ plug }) => {
  const { ana, version } = await waiting(plug);
  await ana.reviews(version, 'staging');
  plug.proxy.blackhole('up');
  const keys: string[] = [];
  ana.page.on('request', (request) => {
    if (request.method() === 'POST') keys.push(request.headers()['idempotency-key'] ?? '');
  });
  await confirmIn(ana).click();
  await expect.poll(() => keys.length).toBe(1);
  plug.proxy.refuse(true);
  plug.proxy.reset();
  await expect(ana.dialog.getByText('No answer. Asking whether it arrived…')).toBeVisible();
  plug.proxy.refuse(false);
  plug.proxy.resume();
  await expect(ana.dialog.getByText('Not received. Nothing was done.')).toBeVisible();
  expect(await confirms(plug)).toBe(0);
  await expect(ana.connection).toContainText('Live');
  await ana.dialog.getByRole('button', { name: 'Send again' }).click();
  await expect(ana.dialog).toBeHidden();
  expect(await confirms(plug)).toBe(1);
  expect(new Set(keys).size).toBe(1);
});

test('Enter held down on Confirm, from the card to the end: one confirm, and no dialog comes back', async ({ plug }) => {
  const { ana, version } = await waiting(plug);
  const { keyboard } = ana.page;
  const hold = async (times: number): Promise<void> => {
    for (let i = 0; i < times; i++) await keyboard.down('Enter');
  };
  await ana.needsYou.getByRole('button', { name: `Confirm ${short(version)} on staging` }).focus();
  await hold(10);
  await keyboard.up('Enter');
  await expect(ana.dialog).toBeVisible();
  await confirmIn(ana).focus();
  await hold(30);
  await expect(ana.dialog).toBeHidden();
  await hold(30);
  await keyboard.up('Enter');
  await expect(ana.dialog).toBeHidden();
  expect(await confirms(plug)).toBe(1);
});

test('a double click is one confirm; who had the same dialog open is told who and when', async ({ plug }) => {
  const { ana, version } = await waiting(plug);
  const ben = await plug.operator('Ben');
  await ana.reviews(version, 'staging');
  await ben.reviews(version, 'staging');
  await confirmIn(ana).dblclick();
  await expect(ana.dialog).toBeHidden();
  await expect(ben.dialog.getByText(/Not done\. Ana confirmed 1\.0\.0\S* at \d\d:\d\d:\d\d, before you\./).first()).toBeVisible();
  await expect(confirmIn(ben)).toHaveAttribute('aria-disabled', 'true');
  expect(await confirms(plug)).toBe(1);
  expect(await plug.server.events('command_refused')).toEqual([]);
});

test('history that may be lost is told on the page until it was read, and stays in the activity', async ({ plug }) => {
  const ana = await plug.operator('Ana');
  await plug.server.stop();
  await rm(join(plug.line.data, 'anchor'));
  await plug.server.start();
  const told = ana.page.getByRole('region', { name: 'History' });
  await expect(told).toContainText(/Events after \d+ may be lost on the server: .* The panel shows what remains\./, { timeout: 20_000 });
  await expect(ana.page.getByRole('complementary', { name: 'Activity' })).toContainText(/events after \d+ may be lost on the server/);
  await ana.page.reload();
  await told.getByRole('button', { name: 'I have read it' }).click();
  await expect(told).toBeHidden();
  await ana.page.reload();
  await expect(ana.connection).toContainText('Live');
  await expect(told).toBeHidden();
});
