/** The main job in a browser: from a push to production, and the ways a release is stopped on the way. */
import { expect, test } from '../support/house.ts';

test('a push goes to production through a confirm, without a reload', async ({ house }) => {
  const ana = await house.operator();
  await house.line.push({ version: '1.0.0' });
  await expect(ana.tier('host')).toHaveAccessibleName(/^host, 1\.0\.0/);
  await expect(ana.tier('staging')).toHaveAccessibleName(/waits for a confirm/);
  await expect(ana.page).toHaveTitle('(1) Signalbox');
  const version = (await house.line.runs('staging-2')) ?? '';
  await ana.confirms(version, 'staging');
  await expect(ana.tier('production')).toHaveAccessibleName(new RegExp(`runs 1\\.0\\.0`));
  await expect.poll(() => house.line.runs('prod-2')).toBe(version);
  expect(await house.line.runs('prod-1')).toBe(version);
  await expect(ana.page).toHaveTitle('Signalbox');
  const [confirm] = await house.server.events('manual_confirm');
  expect(confirm).toMatchObject({ actor: 'local:Ana', version, decision: 'confirm', tier: 'staging' });
});

test('a rejected release stays out of production and says who and why', async ({ house }) => {
  const ana = await house.operator();
  await house.line.push({ version: '1.0.0' });
  await expect(ana.tier('staging')).toHaveAccessibleName(/waits for a confirm/);
  const version = (await house.line.runs('staging-1')) ?? '';
  await ana.rejects(version, 'staging', 'wrong colour');
  await expect(ana.tier('staging')).toHaveAccessibleName(/rejected/i);
  await expect(ana.page.getByText('wrong colour').first()).toBeVisible();
  expect(await house.line.runs('prod-1')).toBeNull();
});

test('a failing test is red with its reason on the same screen, and its log is one press away', async ({ house }) => {
  const ana = await house.operator();
  await house.line.push({ version: '1.0.0', breaks: 'tests' });
  const card = ana.needsYou.getByRole('article', { name: /unit_tests failed/ });
  await expect(card).toBeVisible();
  await expect(ana.page.getByText('not ok 2 - adds up').first()).toBeVisible();
  await card.getByRole('link', { name: /Open log/ }).click();
  await expect(ana.page.getByRole('log', { name: /^Log of unit_tests, run \d+$/ })).toContainText('not ok 2 - adds up');
  expect(await house.line.runs('staging-1')).toBeNull();
});

test('a failing health check leaves the tier mixed; rollback holds the release; the hold can be lifted', async ({ house }) => {
  const ana = await house.operator();
  await house.line.push({ version: '1.0.0' });
  await expect(ana.tier('staging')).toHaveAccessibleName(/waits for a confirm/);
  const good = (await house.line.runs('staging-1')) ?? '';
  await house.line.push({ version: '1.1.0', breaks: 'health' });
  await ana.confirms(good, 'staging');
  await expect(ana.tier('production')).toHaveAccessibleName(/runs 1\.0\.0/);

  await expect(ana.tier('staging')).toHaveAccessibleName(/mixed/i);
  const bad = (await house.line.runs('staging-1')) ?? '';
  expect(bad).toContain('1.1.0');
  expect(await house.line.runs('staging-2')).toBe(good);

  await ana.page.getByRole('button', { name: 'Roll back staging' }).first().click();
  await expect(ana.dialog).toContainText(good);
  await expect(ana.dialog).toContainText(/migrations/);
  await ana.dialog.getByRole('textbox').fill('answers 500');
  await ana.dialog.getByRole('button', { name: /^Roll back/ }).click();
  await expect(ana.tier('staging')).toHaveAccessibleName(/runs 1\.0\.0/);
  await expect.poll(() => house.line.runs('staging-1')).toBe(good);
  await expect(ana.page.getByText(/1\.1\.0.* held/).first()).toBeVisible();

  await ana.page.getByRole('link', { name: 'app', exact: true }).first().click();
  await ana.page
    .getByRole('button', { name: /^Lift the hold/ })
    .first()
    .click();
  await ana.dialog.getByRole('textbox').fill('fixed the config');
  await ana.dialog.getByRole('button', { name: /^Lift/ }).click();
  await expect.poll(async () => (await house.server.events('release_released')).length).toBe(1);
  expect((await house.server.state()).projects[0]?.tiers[1]?.held).toEqual([]);
});

test('a newer push stops the build in flight', async ({ house }) => {
  const ana = await house.operator();
  await house.line.hold('build');
  await house.line.push({ version: '1.0.0' });
  await expect.poll(async () => (await house.server.events('build_start')).length).toBe(1);
  await expect(ana.page.getByText('build begins', { exact: true })).toBeVisible();
  const { sha } = await house.line.push({ version: '1.0.1' });
  await expect.poll(async () => (await house.server.events('build_aborted')).length).toBe(1);
  await house.line.release('build');
  await expect(ana.tier('staging')).toHaveAccessibleName(/1\.0\.1.*waits for a confirm/);
  const [ok, ...more] = await house.server.events('build_ok');
  expect(more).toEqual([]);
  expect(ok).toMatchObject({ sha });
});

test.describe('block rule', () => {
  test.use({ lineOptions: { autoProduction: false } });

  test('pushes wait while a release is undecided; only the newest enters next; a manual tier waits for Promote', async ({ house }) => {
    const ana = await house.operator();
    await house.line.push({ version: '1.0.0' });
    await expect(ana.tier('staging')).toHaveAccessibleName(/1\.0\.0.*waits for a confirm/);
    for (const version of ['1.0.1', '1.0.2', '1.0.3']) await house.line.push({ version });
    await expect.poll(async () => (await house.server.state()).projects[0]?.tiers[1]?.next?.version).toMatch(/^1\.0\.3/);
    const first = (await house.line.runs('staging-1')) ?? '';
    expect(first).toMatch(/^1\.0\.0/);
    await ana.confirms(first, 'staging');
    await expect(ana.tier('staging')).toHaveAccessibleName(/1\.0\.3.*waits for a confirm/);
    expect(await house.line.runs('prod-1')).toBeNull();
    await ana.page
      .getByRole('button', { name: /^Promote 1\.0\.0.* to production/ })
      .first()
      .click();
    await ana.dialog.getByRole('button', { name: /^Promote/ }).click();
    await expect.poll(() => house.line.runs('prod-2')).toBe(first);
  });
});

test.describe('hotfix', () => {
  test.use({ lineOptions: { burnIn: '1h' } });

  test('a burn-in is skipped knowingly, with a reason, and stays visible', async ({ house }) => {
    const ana = await house.operator();
    await house.line.push({ version: '1.0.0' });
    await expect(ana.tier('staging')).toHaveAccessibleName(/burning in/);
    await ana.page.getByRole('button', { name: 'Levers of staging' }).click();
    await ana.page.getByRole('button', { name: /^Promote 1\.0\.0.* to staging/ }).click();
    await ana.dialog.getByRole('checkbox', { name: /Hotfix: skip burn-in on staging/ }).check();
    await ana.dialog.getByRole('textbox').fill('checkout is down');
    await ana.dialog.getByRole('button', { name: /as a hotfix$/ }).click();
    await expect(ana.dialog).toBeHidden();
    await expect(ana.tier('staging')).toHaveAccessibleName(/waits for a confirm/);
    await expect(ana.page.getByRole('link', { name: /burn-in, Skipped by/ })).toBeVisible();
    const skipped = (await house.server.events('gate_done')).find(
      (e) => e['gate'] === 'burn_in' && (e['outcome'] as { status: string }).status === 'passed',
    );
    expect(skipped).toMatchObject({ actor: 'local:Ana', outcome: { skipped: { by: 'local:Ana', reason: 'checkout is down' } } });
  });
});
