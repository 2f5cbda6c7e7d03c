import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const DEADLINE_MS = 20_000;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'node',
          environment: 'node',
          include: ['server/**/*.test.ts', 'src/shared/**/*.test.ts', 'scripts/**/*.test.mjs', 'tests/**/*.test.ts'],
          exclude: ['tests/e2e/**'],
          testTimeout: DEADLINE_MS,
          // Only the fault tests run side by side in one file, each in a process of its own.
          maxConcurrency: 2,
          hookTimeout: DEADLINE_MS,
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
        },
      },
    ],
  },
});
