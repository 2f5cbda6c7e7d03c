import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const DEADLINE_MS = 20_000;
/** Start processes, or put something in the place of a module: each in a process of its own. */
const ALONE = ['tests/**/*.test.ts', 'server/deploy/cut_short.test.ts'];

const node = { environment: 'node', testTimeout: DEADLINE_MS, hookTimeout: DEADLINE_MS };

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...node,
          name: 'node',
          include: ['server/**/*.test.ts', 'src/shared/**/*.test.ts', 'scripts/**/*.test.mjs'],
          exclude: ALONE,
          // Modules are loaded once for all files: loading them anew costs more than the tests.
          isolate: false,
        },
      },
      {
        test: {
          ...node,
          name: 'alone',
          include: ALONE,
          exclude: ['tests/e2e/**'],
          // Only the fault tests run side by side in one file, each in a process of its own.
          maxConcurrency: 2,
        },
      },
      {
        // Rune classes must be compiled for the browser: the server build of Svelte drops effects.
        plugins: [svelte({ configFile: false })],
        resolve: { conditions: ['browser'] },
        test: {
          name: 'web',
          environment: './tests/support/runes_environment.ts',
          include: ['src/**/*.test.ts'],
          exclude: ['src/shared/**'],
          testTimeout: DEADLINE_MS,
          isolate: false,
        },
      },
    ],
  },
});
