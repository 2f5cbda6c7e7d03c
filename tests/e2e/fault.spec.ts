/** What operators fear: a page that lies after a reload, a restart or a crash; a button that acts twice. */
import { expect, test } from '../support/house.ts';

test('two browsers see the same; of two confirms at once one is refused with who and when', async ({ house }) => {
  const ana = await house.operator('Ana');
  const ben = await house.operator('Ben');
  await house.line.push({ version: '1.0.0' });
  for (const who of [ana, ben]) await expect(who.tier('staging')).toHaveAccessibleName(/waits for a confirm/);
  const version = (await house.line.runs('staging-1')) ?? '';
  await ana.reviews(version, 'staging');
  await ben.reviews(version, 'staging');
  const names = [ana, ben].map((who) => who.dialog.getByRole('button', { name: /^Confirm 1\.0\.0/ }));
  await Promise.all(names.map((button) => button.click()));
  await expect.poll(async () => (await house.server.events('promote_complete')).filter((e) => e['tier'] === 'production').length).toBe(1);
  expect(await house.server.events('manual_confirm')).toHaveLength(1);
  const winner = String((await house.server.events('manual_confirm'))[0]?.['actor']).replace('local:', '');
  const loser = winner === 'Ana' ? ben : ana;
  await expect(
    loser.page.getByText(new RegExp(`Not done\\. ${winner} confirmed 1\\.0\\.0.* at \\d\\d:\\d\\d:\\d\\d, before you`)).first(),
  ).toBeVisible();
});

test('a reload in the middle of a run loses nothing of its log', async ({ house }) => {
  const ana = await house.operator();
  await house.line.hold('tests');
  await house.line.push({ version: '1.0.0' });
  await expect.poll(async () => (await house.server.events('gate_start')).length).toBe(1);
  const run = Number((await house.server.events('gate_start'))[0]?.['run_id']);
  await ana.page.goto(`${house.server.url}/runs/${run}`);
  const log = ana.page.getByRole('log', { name: `Log of unit_tests, run ${run}` });
  await expect(log).toContainText('tests begins');
  await ana.page.reload();
  await expect(log).toContainText('tests begins');
  await house.line.release('tests');
  await expect(log).toContainText('ok 1 - adds up');
  const raw = await (await fetch(`${house.server.url}/api/v1/runs/${run}/log`)).text();
  for (const line of raw.trim().split('\n')) await expect(log).toContainText(line.replaceAll(/\u001b\[[0-9;]*m/g, '').trim());
});

test('a release that waits for a confirm still waits after a restart of the server, and earlier runs can be read', async ({ house }) => {
  const ana = await house.operator();
  await house.line.push({ version: '1.0.0' });
  await expect(ana.tier('staging')).toHaveAccessibleName(/waits for a confirm/);
  const before = await (await fetch(`${house.server.url}/api/v1/runs/1/log`)).text();
  await house.server.stop();
  await expect(ana.connection).not.toContainText('Live');
  await expect(ana.needsYou.getByRole('button', { name: /Confirm 1\.0\.0/ })).toHaveAttribute('aria-disabled', 'true');
  await house.server.start();
  await expect(ana.connection).toContainText('Live', { timeout: 20_000 });
  expect(await (await fetch(`${house.server.url}/api/v1/runs/1/log`)).text()).toBe(before);
  expect(await house.server.get('/api/v1/runs/1')).toMatchObject({ run_id: 1, type: 'build', status: 'passed' });
  const version = (await house.line.runs('staging-1')) ?? '';
  await ana.confirms(version, 'staging');
  await expect.poll(() => house.line.runs('prod-2')).toBe(version);
});

test('a server killed in the middle of a deploy says what each node runs and repeats nothing', async ({ house }) => {
  const ana = await house.operator();
  await house.line.push({ version: '1.0.0' });
  await expect(ana.tier('staging')).toHaveAccessibleName(/waits for a confirm/);
  const version = (await house.line.runs('staging-1')) ?? '';
  await house.line.hold('restart-prod-2');
  await ana.confirms(version, 'staging');
  await expect.poll(() => house.line.runs('prod-2')).toBe(version);
  await expect.poll(async () => (await house.server.events('deploy_start')).filter((e) => e['node'] === 'prod-2').length).toBe(1);
  await house.server.kill();
  await house.line.release('restart-prod-2');
  await house.server.start();
  await expect(ana.connection).toContainText('Live', { timeout: 20_000 });
  const failed = (await house.server.events('deploy_failed')).filter((e) => e['node'] === 'prod-2');
  expect(failed).toHaveLength(1);
  expect(failed[0]).toMatchObject({ failure: { type: 'interrupted' } });
  expect((await house.server.events('deploy_start')).filter((e) => e['node'] === 'prod-2')).toHaveLength(1);
  const prod = (await house.server.state()).projects[0]?.tiers[2];
  expect(prod?.nodes.map((node) => node.observed?.version)).toEqual([version, version]);
  await expect(ana.page.getByText(/Nothing was repeated/).first()).toBeVisible();
  await ana.page
    .getByRole('button', { name: /Continue on prod-2|Redeploy/ })
    .first()
    .click();
  await ana.dialog.getByRole('button', { name: /^(Continue|Redeploy)/ }).click();
  await expect.poll(async () => (await house.server.events('promote_complete')).filter((e) => e['tier'] === 'production').length).toBe(1);
});

test('the services on the nodes survive a kill -9 of the server', async ({ house }) => {
  await house.line.push({ version: '1.0.0' });
  await expect.poll(() => house.line.runs('staging-2')).not.toBeNull();
  await expect.poll(async () => (await house.server.events('promote_complete')).some((e) => e['tier'] === 'staging')).toBe(true);
  const url = `http://127.0.0.1:${await portOf(house.line.nodeRoot('staging-1'))}/`;
  const before = (await (await fetch(url)).json()) as { version: string };
  await house.server.kill();
  expect(await (await fetch(url)).json()).toEqual(before);
  await house.server.start();
  expect(await (await fetch(url)).json()).toEqual(before);
});

async function portOf(root: string): Promise<string> {
  const { readFile } = await import('node:fs/promises');
  return (await readFile(`${root}/port`, 'utf8')).trim();
}
