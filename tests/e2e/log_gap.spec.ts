/** A long log: any of its lines can be gone to, what is not here is asked for when it is looked at, and what cannot be had is a row that says so. */
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '../support/house.ts';

const LINES = 50_000;

test('a log of any length: to its end, its top, a line in an address; a stretch that fails is a row that can be pressed', async ({
  house,
}) => {
  const ana = await house.operator();
  const long = `seq -f 'line %.0f of the restart ${'.'.repeat(80)}' 1 ${LINES}\n`;
  await appendFile(join(house.line.nodeRoot('staging-1'), 'restart.sh'), long);
  await house.line.push({ version: '1.0.0' });
  const done = async (): Promise<Record<string, unknown> | undefined> =>
    (await house.server.events('deploy_ok')).find((event) => event['node'] === 'staging-1');
  await expect.poll(done, { timeout: 30_000 }).toBeDefined();
  const url = `${house.server.url}/runs/${String((await done())?.['run_id'])}`;
  await ana.page.goto(url);
  const log = ana.page.getByRole('log');
  await expect(log).toContainText(`line ${LINES} of the restart`);
  await log.press('Home');
  await expect(log).toContainText('restarting staging-1');
  await expect(log).toContainText('line 1 of the restart');
  expect(await log.locator('[data-line]').count()).toBeLessThan(100);

  await log.getByRole('link', { name: 'Line 7', exact: true }).click();
  await expect(ana.page).toHaveURL(/#L7(?:@\d+)?$/);
  await ana.page.goto(`${url}#L25000`);
  await ana.page.reload();
  await expect(log.locator('[data-line="25000"].chosen')).toBeInViewport();

  // The connection breaks off, and is back.
  await ana.page.route('**/log/lines**', (route) => route.abort());
  await log.press('Home');
  const missing = log.getByText('The server did not answer.');
  await expect(missing).toBeVisible();
  await ana.page.unroute('**/log/lines**');
  await log.getByRole('button', { name: 'Load' }).click();
  await expect(log).toContainText('line 1 of the restart');
  await expect(missing).toHaveCount(0);
});
