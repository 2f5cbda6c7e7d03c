/** A log where scroll bars take room, as they do with a mouse: the runner's browsers hide them otherwise. */
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LaunchOptions, Locator } from 'playwright/test';
import { expect, test as base } from '../support/house.ts';

const test = base.extend<object, { launchOptions: LaunchOptions }>({
  launchOptions: [
    async ({ launchOptions }, use) => use({ ...launchOptions, ignoreDefaultArgs: ['--hide-scrollbars'] }),
    { scope: 'worker' },
  ],
});

/** After the three lines a deploy begins with; the wide one is out of view where the log begins. */
const OUTPUT = `
seq -f 'line %.0f of the restart' 1 300
printf '%01200d\\n' 0
seq -f 'tail %.0f' 1 5
`;

/** Px of the last row that lie below what is seen of the log. */
async function hiddenPx(log: Locator): Promise<number> {
  return log.evaluate((element) => {
    const last = [...element.querySelectorAll('[data-line]')].at(-1);
    return last === undefined
      ? Infinity
      : last.getBoundingClientRect().bottom - (element.getBoundingClientRect().top + element.clientHeight);
  });
}

test('the last line is not under the bar that a wide line brings', async ({ house }) => {
  const { line, server } = house;
  await appendFile(join(line.nodeRoot('staging-1'), 'restart.sh'), OUTPUT);
  await line.push({ version: '1.0.0' });
  const deployed = async (): Promise<number> =>
    Number((await server.events('deploy_ok')).find(({ node }) => node === 'staging-1')?.['run_id'] ?? 0);
  await expect.poll(deployed, { timeout: 30_000 }).toBeGreaterThan(0);
  const { page } = await (await house.operator()).opens(`${server.url}/runs/${await deployed()}`);
  const log = page.getByRole('log');
  await expect(log).toContainText('tail 5');
  const bar = (): Promise<number> => log.evaluate((element: HTMLElement) => element.offsetHeight - element.clientHeight);
  await log.focus();
  await page.keyboard.press('Home');
  await expect(log).toContainText('line 1 of the restart');
  await page.keyboard.press('End');
  await expect(log).toContainText('tail 5');
  expect(await bar()).toBeGreaterThan(5);
  await expect.poll(() => hiddenPx(log)).toBeLessThan(1);

  // Where the wide line is not drawn any more the bar stays: without it there would be room for the line.
  for (let lines = 0; lines < 60; lines++) await page.keyboard.press('ArrowUp');
  await expect(log).not.toContainText('tail 1');
  expect(await bar()).toBeGreaterThan(5);
});
