/**
 * Finds a Chromium that really launches, because one that is merely installed may lack libraries or be a snap stub. Order: what
 * SIGNALBOX_BROWSER names, Playwright's own, the system's, and only then a download, which many networks refuse.
 * Remembers the answer in the environment given, so that the workers of a test run do not launch it again.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { chromium } from 'playwright';

const run = promisify(execFile);
const LAUNCH_DEADLINE_MS = 20_000;
const DOWNLOAD_DEADLINE_MS = 240_000;
/** Set for workers: `own` for Playwright's own, else the path. */
const FOUND = 'SIGNALBOX_BROWSER_FOUND';

const isRoot = process.getuid?.() === 0;
/** As root Chromium's sandbox refuses to start. No background requests: tests speak to the loopback only. */
export const BROWSER_ARGS: string[] = ['--disable-background-networking', '--disable-quic', ...(isRoot ? ['--no-sandbox'] : [])];

const COMMANDS = [
  'chromium',
  'chromium-browser',
  'google-chrome-stable',
  'google-chrome',
  'chrome',
  'microsoft-edge-stable',
  'microsoft-edge',
];
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
];

/**
 * @param env read for SIGNALBOX_BROWSER and PATH; the answer is written into it.
 * @returns the path of the executable, or null for Playwright's own.
 * @throws Error with the three ways to get a browser when there is none.
 */
export async function findBrowser(env: NodeJS.ProcessEnv): Promise<string | null> {
  const found = env[FOUND];
  if (found !== undefined) return found === 'own' ? null : found;
  const executable = await search(env);
  env[FOUND] = executable ?? 'own';
  return executable;
}

async function search(env: NodeJS.ProcessEnv): Promise<string | null> {
  const wanted = env['SIGNALBOX_BROWSER'];
  if (wanted !== undefined && wanted !== '') {
    const problem = await tryLaunch(wanted);
    if (problem === null) return wanted;
    throw new Error(`SIGNALBOX_BROWSER names ${wanted}, which does not start: ${problem}`);
  }
  const tried: string[] = [];
  const candidates = [null, ...systemBrowsers(env['PATH'] ?? '')];
  for (const candidate of candidates) {
    if (candidate === null && !existsSync(chromium.executablePath())) continue;
    const problem = await tryLaunch(candidate);
    if (problem === null) return candidate;
    tried.push(`${candidate ?? "Playwright's own"}: ${problem}`);
  }
  const problem = (await download()) ?? (await tryLaunch(null));
  if (problem === null) return null;
  throw new Error(
    [
      'No browser for the end-to-end tests. Three ways to get one:',
      "  1. sudo apt-get install chromium (or your system's Chromium, Chrome or Edge)",
      '  2. npx playwright install --with-deps chromium',
      '  3. SIGNALBOX_BROWSER=/path/to/chrome npm test',
      ...tried.map((line) => `Tried ${line}`),
      `Tried the download: ${problem}`,
    ].join('\n'),
  );
}

/** Executables on the PATH and in the usual places, each once. */
function systemBrowsers(path: string): string[] {
  const onPath = COMMANDS.flatMap((name) => path.split(delimiter).map((folder) => join(folder, name)));
  return [...new Set([...onPath, ...PLACES])].filter((file) => existsSync(file));
}

/** @returns null when a page could be opened, else the first line of what went wrong. */
async function tryLaunch(executablePath: string | null): Promise<string | null> {
  try {
    const browser = await chromium.launch({
      ...(executablePath === null ? {} : { executablePath }),
      args: BROWSER_ARGS,
      chromiumSandbox: false,
      timeout: LAUNCH_DEADLINE_MS,
    });
    try {
      await (await browser.newPage()).goto('about:blank');
    } finally {
      await browser.close();
    }
    return null;
  } catch (error) {
    return firstLine(error);
  }
}

async function download(): Promise<string | null> {
  process.stderr.write('No browser found; trying to download one (up to four minutes)...\n');
  const cli = join(dirname(createRequire(import.meta.url).resolve('playwright/package.json')), 'cli.js');
  try {
    await run(process.execPath, [cli, 'install', 'chromium'], { timeout: DOWNLOAD_DEADLINE_MS });
    return null;
  } catch (error) {
    return firstLine(error);
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? 'unknown';
}
