import { availableParallelism } from 'node:os';
import { defineConfig } from 'playwright/test';
import { BROWSER_ARGS, findBrowser } from './tests/support/browser.ts';

/** Workers load this file again: they find the first process's answer in the environment and need not look for themselves. */
const executable = await findBrowser(process.env);

export default defineConfig({
  testDir: 'tests/e2e',
  testMatch: '**/*.spec.ts',
  outputDir: 'test-results',
  timeout: 120_000,
  expect: { timeout: 20_000 },
  fullyParallel: false,
  forbidOnly: Boolean(process.env['CI']),
  workers: Math.min(2, availableParallelism()),
  reporter: [['list']],
  use: {
    launchOptions: { ...(executable === null ? {} : { executablePath: executable }), args: BROWSER_ARGS, chromiumSandbox: false },
    viewport: { width: 1440, height: 900 },
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
  },
});
