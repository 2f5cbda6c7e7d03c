/**
 * Behind `npm start`, `npm test`, `npm run dev` and `npm run test:e2e` in a clone: installs and builds what is missing, then hands over
 * to the pinned Node. Runs on the Node of the host (18 or newer) before anything is installed, so it is plain JavaScript without a
 * dependency. It neither configures nor supervises: the program it starts gets the arguments, the terminal and the signals, and its
 * exit code is the answer.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Stopped, handOver } from './child.mjs';
import { ensurePackages } from './packages.mjs';
import { Sorry } from './progress.mjs';
import { runTests } from './test_plan.mjs';
import { ensureWeb } from './web.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

async function main([mode, ...flags]) {
  // The server finds its config from where the user stands, everything before it works from the repository.
  const from = process.env.INIT_CWD ?? process.cwd();
  process.chdir(root);
  if (spawnSync('git', ['--version']).error) {
    throw new Sorry(
      'git is not installed, and Signalbox builds from git repositories. Install it (Debian: apt-get install git), then start again.',
    );
  }
  const node = await ensurePackages(root);
  switch (mode) {
    case 'start':
      await ensureWeb(root, node);
      process.chdir(from);
      return handOver(node, [join(root, 'server/main.ts'), 'serve', ...flags]);
    case 'dev':
      return dev(node, flags);
    case 'e2e':
      await ensureWeb(root, node);
      return handOver(node, [join(root, 'node_modules/playwright/cli.js'), 'test', ...flags]);
    case 'test':
      if (flags.length > 0)
        throw new Sorry('`npm test` runs everything. For a part: `npm run test:unit -- <file>` or `npm run test:e2e -- <file>`.');
      return runTests(root, node);
    default:
      throw new Sorry(`There is no way to bootstrap \`${mode}\`; it is start, dev, test or e2e.`);
  }
}

/** The server, restarted when its files change, and vite in front of it. The first that ends takes the other with it. */
async function dev(node, flags) {
  const stop = new AbortController();
  const both = [['--watch', 'server/main.ts', 'serve', ...flags], ['node_modules/vite/bin/vite.js']].map((argv) =>
    handOver(node, argv, stop.signal),
  );
  const code = await Promise.race(both);
  stop.abort();
  await Promise.all(both);
  return code;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof Stopped) process.exit(error.code);
  process.stderr.write(error instanceof Sorry ? `${error.message}\n` : `${error instanceof Error ? error.stack : error}\n`);
  process.exitCode = 1;
}
