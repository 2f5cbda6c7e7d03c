/** A long log: what is not there is a row that says so, and pressed it is. */
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '../support/house.ts';

const LINES = 50_000;

test('a missing stretch of a log is a row that can be pressed to load', async ({ house }) => {
  const ana = await house.operator();
  const long = `seq -f 'line %.0f of the restart ${'.'.repeat(80)}' 1 ${LINES}\n`;
  await appendFile(join(house.line.nodeRoot('staging-1'), 'restart.sh'), long);
  await house.line.push({ version: '1.0.0' });
  const done = async (): Promise<Record<string, unknown> | undefined> =>
    (await house.server.events('deploy_ok')).find((event) => event['node'] === 'staging-1');
  await expect.poll(done, { timeout: 30_000 }).toBeDefined();
  await ana.page.goto(`${house.server.url}/runs/${String((await done())?.['run_id'])}`);
  const log = ana.page.getByRole('log');
  await expect(log).toContainText(`line ${LINES} of the restart`);
  await log.press('Home');
  const top = async (): Promise<string> => {
    await log.press('Home');
    return (await log.textContent()) ?? '';
  };
  let missing = Infinity;
  while (!(await top()).includes('restarting staging-1')) {
    const row = (await log.getByText(/bytes not loaded/).textContent()) ?? '';
    const bytes = Number(row.replace(/\D/g, ''));
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(missing);
    missing = bytes;
    await log.getByRole('button', { name: 'Load' }).click();
    const number = bytes.toLocaleString('en');
    await expect.poll(top).not.toContain(number);
    await expect.poll(top).toMatch(/bytes not loaded|restarting staging-1/);
  }
  expect(missing).toBeLessThan(Infinity);
  await expect(log).toContainText('line 1 of the restart');
  await expect(log.getByText(/bytes not loaded/)).toHaveCount(0);
});
