/**
 * Makes sure that the packages of package-lock.json are installed, and finds the pinned Node among them. The stamp it leaves is in
 * node_modules itself, so that whoever removes that folder removes the stamp.
 */
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { capture } from './child.mjs';
import { Sorry, step } from './progress.mjs';

const INSTALL_DEADLINE_MS = 900_000;
const LINES_SHOWN = 12;

/** @param {string} root of the repository. @returns {Promise<string>} path of the pinned Node. */
export async function ensurePackages(root) {
  const wanted = `${createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')} ${process.platform} ${process.arch}`;
  const stamp = join(root, 'node_modules/.signalbox-installed');
  const done = existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
  if (!done || pinnedNode(root) === null) {
    if (!sameAsLock(root) || pinnedNode(root) === null) await install(root);
    remember(stamp, wanted);
  }
  const node = pinnedNode(root);
  if (node !== null) return node;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  throw new Sorry(
    'The packages are installed, but Node 24 is not among them: npm was told not to run install scripts. Run `npm rebuild node --ignore-scripts=false`, or install Node 24 on this machine.',
  );
}

function remember(stamp, wanted) {
  try {
    writeFileSync(stamp, wanted);
  } catch {
    // somebody else's folder, readable by us: the next start compares again, and all is well
  }
}

function pinnedNode(root) {
  const file = join(root, 'node_modules/node/bin/node');
  return existsSync(file) ? file : null;
}

/** True after somebody ran `npm ci` or `npm install` by hand: then there is nothing to do but to remember it. */
function sameAsLock(root) {
  const hidden = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(hidden)) return false;
  const { packages: wanted } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const { packages: present } = JSON.parse(readFileSync(hidden, 'utf8'));
  return Object.entries(wanted).every(
    ([path, entry]) => path === '' || entry.optional === true || present[path]?.version === entry.version,
  );
}

async function install(root) {
  try {
    accessSync(root, constants.W_OK);
  } catch {
    throw new Sorry(
      `The packages cannot be installed: ${root} is not writable by you. Make it yours (chown), or clone into a folder of your own.`,
    );
  }
  await step('Installing packages', 'packages installed', async () => {
    const argv = ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--include=dev'];
    const { code, output } = await capture('npm', argv, { deadline_ms: INSTALL_DEADLINE_MS, env: hostEnvironment() });
    if (code === 127) throw new Sorry('npm is not installed. Install Node with npm (https://nodejs.org), then start again.');
    if (code !== 0)
      throw new Sorry(`The packages could not be installed. npm said:\n${output.trim().split('\n').slice(-LINES_SHOWN).join('\n')}`);
  });
}

/** Without our own node_modules/.bin: `npm ci` empties it while it runs, and must not run on a Node that it is about to remove. */
function hostEnvironment() {
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.endsWith(join('node_modules', '.bin')));
  return { ...process.env, PATH: path.join(delimiter) };
}
