/** Builds the pages when their sources are other than those they were built from. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { capture } from './child.mjs';
import { Sorry, step } from './progress.mjs';

const BUILD_DEADLINE_MS = 300_000;
const SOURCES = ['src', 'public', 'index.html', 'vite.config.ts', 'package-lock.json'];

/** @param {string} root of the repository. @param {string} node to build with. */
export async function ensureWeb(root, node) {
  const stamp = join(root, 'dist/web.stamp');
  const wanted = sourcesHash(root);
  if (existsSync(join(root, 'dist/web/index.html')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  await step('Building the pages', 'pages built', async () => {
    // A build that is broken off must not leave a stamp that vouches for it.
    rmSync(stamp, { force: true });
    const { code, output } = await capture(node, [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn'], {
      deadline_ms: BUILD_DEADLINE_MS,
    });
    if (code !== 0) throw new Sorry(`The pages could not be built:\n${output.trim()}`);
    mkdirSync(join(root, 'dist'), { recursive: true });
    writeFileSync(stamp, wanted);
  });
}

/** By content, because a checkout of another commit changes times at will. */
function sourcesHash(root) {
  const hash = createHash('sha256');
  const add = (path) => {
    const full = join(root, path);
    if (!existsSync(full)) return;
    hash.update(`${path}\0`).update(readFileSync(full)).update('\0');
  };
  const walk = (path) => {
    for (const entry of readdirSync(join(root, path), { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const inner = `${path}/${entry.name}`;
      if (entry.isDirectory()) walk(inner);
      else if (!entry.name.endsWith('.test.ts')) add(inner);
    }
  };
  for (const source of SOURCES) {
    const isFolder = source === 'src' || source === 'public';
    if (!isFolder) add(source);
    else if (existsSync(join(root, source))) walk(source);
  }
  return hash.digest('hex');
}
