/** Readable by everybody: axe on every screen in both themes, the panel by keyboard alone, and the weight of the first script. */
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { axeFinds } from '../support/axe.ts';
import { expect, short, test, type Operator } from '../support/house.ts';

const FIRST_SCRIPT_MOST_BYTES = 90_000;
const WEB = new URL('../../dist/web/', import.meta.url);

test.describe.configure({ mode: 'parallel' });

async function violations({ page }: Operator): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    found.push(...(await axeFinds(page)).map((one) => `${colorScheme}: ${one}`));
  }
  return found;
}

test('axe finds nothing on the panel in either theme: empty, waiting, its dialog, on a phone, on a wall', async ({ house }) => {
  test.slow();
  const ana = await house.operator();
  const { page } = ana;
  const found = await violations(ana);
  await house.line.push({ version: '1.0.0' });
  await expect(ana.tier('staging')).toHaveAccessibleName(/waits for a confirm/);
  found.push(...(await violations(ana)));
  const version = (await house.line.runs('staging-1')) ?? '';
  await ana.reviews(version, 'staging');
  found.push(...(await violations(ana)));
  await page.keyboard.press('Escape');
  for (const width of [390, 2560]) {
    await page.setViewportSize({ width, height: 900 });
    await page.goto(house.server.url);
    await expect(ana.connection).toContainText('Live');
    found.push(...(await violations(ana)));
  }
  expect(found).toEqual([]);
});

test('axe finds nothing in either theme where something failed: its card, levers, keys, project, run; nor where nothing is', async ({
  house,
}) => {
  test.slow();
  const ana = await house.operator();
  const { page } = ana;
  await house.line.push({ version: '1.1.0', breaks: 'tests' });
  await expect(ana.needsYou.getByRole('article', { name: /unit_tests failed/ })).toBeVisible();
  const found = await violations(ana);
  await page.getByRole('button', { name: 'Levers of staging' }).click();
  found.push(...(await violations(ana)));
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await expect(ana.dialog).toBeVisible();
  found.push(...(await violations(ana)));
  await page.keyboard.press('Escape');

  const failed = (await house.server.events('gate_done')).find((e) => (e['outcome'] as { status: string }).status === 'failed');
  for (const path of ['/projects/app', `/runs/${String(failed?.['run_id'])}`, '/nowhere']) {
    await page.goto(house.server.url + path);
    await expect(ana.connection).toContainText('Live');
    found.push(...(await violations(ana)));
  }
  expect(found).toEqual([]);
});

test('a release is confirmed with the keyboard alone', async ({ house }) => {
  const ana = await house.operator();
  const { page } = ana;
  await house.line.push({ version: '1.0.0' });
  await expect(ana.tier('staging')).toHaveAccessibleName(/waits for a confirm/);
  const version = (await house.line.runs('staging-1')) ?? '';
  await page.keyboard.press('g');
  await page.keyboard.press('n');
  await expect(ana.needsYou.getByRole('button', { name: `Confirm ${short(version)} on staging` })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(ana.dialog).toBeVisible();
  await expect(ana.dialog.getByRole('button', { name: 'Not now' })).toBeFocused();
  await page.keyboard.press('Control+Enter');
  await expect(ana.dialog).toBeHidden();
  await expect.poll(() => house.line.runs('prod-2')).toBe(version);
});

test('the first command of a browser asks for a name, for the record', async ({ house }) => {
  const someone = await house.operator('');
  await house.line.push({ version: '1.0.0' });
  await expect(someone.tier('staging')).toHaveAccessibleName(/waits for a confirm/);
  const version = (await house.line.runs('staging-1')) ?? '';
  await someone.reviews(version, 'staging');
  await someone.dialog.getByRole('button', { name: `Confirm ${version}` }).click();
  const ask = someone.page.getByRole('dialog', { name: 'Your name, for the record' });
  await ask.getByRole('textbox').fill('Zoë');
  await ask.getByRole('textbox').press('Enter');
  await expect.poll(async () => (await house.server.events('manual_confirm')).map((e) => e['actor'])).toEqual(['local:Zoë']);
});

test('the first script weighs at most 90 kB', async () => {
  const html = await readFile(new URL('index.html', WEB), 'utf8');
  const scripts = [...html.matchAll(/(?:src|href)="\/?(assets\/[^"]+\.js)"/g)].map((match) => match[1] ?? '');
  expect(scripts.length).toBeGreaterThan(0);
  const bytes = await Promise.all(scripts.map(async (file) => gzipSync(await readFile(new URL(file, WEB))).length));
  expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(FIRST_SCRIPT_MOST_BYTES);
});
