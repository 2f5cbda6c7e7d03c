/**
 * `signalbox serve`: from flags to a server that answers. What can be refused is refused before anything is made or started: git, the
 * address, the port, the config. Without a config it serves the example. It decides nothing about the pipeline, and it never falls back
 * to another port, folder or config than the one asked for.
 */
import { execFileSync } from 'node:child_process';
import { accessSync, constants, mkdirSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { demoFolder, webRoot } from './places.ts';
import { Sorry } from './port.ts';
import type { Demo, PrepareDemo, Shell, StartApp } from './port.ts';
import { serveUntilStopped } from './running.ts';
import { openServerLog } from './server_log.ts';
import { namedDataDir, settingsOf } from './settings.ts';
import type { ServeFlags, Settings } from './settings.ts';
import type { SignalSource } from './signals.ts';
import { startFailure } from './start_failure.ts';
import { assertPrivateBind } from '../config/bind.ts';
import type { Config } from '../config/config.ts';
import { CONFIG_NAME, findConfig } from '../config/find.ts';
import { loadConfig } from '../config/load.ts';

/** A start itself writes some kilobytes. */
const FREE_AT_START_BYTES = 1_048_576;

export interface ServeParts {
  startApp: StartApp;
  prepareDemo: PrepareDemo;
  signals: SignalSource;
}

/** @returns the exit code, when the server has ended. @throws Sorry, ConfigError when it cannot start. */
export async function serve(flags: ServeFlags, shell: Shell, parts: ServeParts): Promise<number> {
  const sources = { flags, env: shell.env, cwd: shell.cwd };
  assertGit();
  const named = namedDataDir(sources);
  const found = findConfig({ flag: flags.config, env: shell.env, cwd: shell.cwd });
  if (found !== null) return start(found, null);

  const folder = demoFolder(named);
  const expected = settingsOf({ file: join(folder, CONFIG_NAME) }, sources);
  await orSorry(expected, () => assertUsable(expected));
  shell.out(
    `No ${CONFIG_NAME} here or above, so this is the example, in ${folder}. \`npm run signalbox -- init\` writes one for your own repository.`,
  );
  const demo = await parts.prepareDemo({ folder, log: (line) => shell.out(line) });
  try {
    return await start(demo.configFile, demo);
  } finally {
    await demo.stop();
  }

  async function start(file: string, demo: Demo | null): Promise<number> {
    const load = (): Config => loadConfig(file, shell.env);
    const config = load();
    const settings = settingsOf(config, sources);
    const { host, port, dataDir } = settings;
    const log = await orSorry(settings, async () => {
      await assertUsable(settings);
      return openServerLog(dataDir, settings.logLevel, (line) => shell.err(line));
    });
    const undo = recordCrashes(log.logger);
    try {
      const options = { config, dataDir, host, port, logger: log.logger, env: shell.env, loadConfig: load, webRoot: webRoot() };
      return await serveUntilStopped({
        start: (starting) => orSorry(settings, () => parts.startApp({ ...options, ...starting })),
        demo,
        config,
        next: demo === null ? pushTo(config) : demoPush(named),
        dataDir,
        log,
        shell,
        signals: parts.signals,
      });
    } finally {
      undo();
      log.close();
    }
  }
}

function pushTo({ projects: [project] }: Config): string {
  return project === undefined ? '' : `push to ${project.branch} of ${project.repo}`;
}

function demoPush(dataDir: string | null): string {
  return `npm run demo:push${dataDir === null ? '' : ` -- --data ${dataDir}`}   (in another terminal)`;
}

/** Node prints an unforeseen error and ends; the log should know it, too. */
function recordCrashes(logger: { fatal: (details: object, message: string) => void }): () => void {
  const record = (err: unknown): void => logger.fatal({ err }, 'the server ends on an unforeseen error');
  process.on('uncaughtExceptionMonitor', record);
  return () => process.off('uncaughtExceptionMonitor', record);
}

async function orSorry<T>(settings: Settings, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw startFailure(error, settings);
  }
}

function assertGit(): void {
  try {
    execFileSync('git', ['--version'], { stdio: 'ignore' });
  } catch (error) {
    throw new Sorry(
      'git is not installed, and Signalbox builds from git repositories. Install it (Debian: apt-get install git), then start again.',
      {
        cause: error,
      },
    );
  }
}

async function assertUsable({ host, port, dataDir }: Settings): Promise<void> {
  assertPrivateBind(host);
  mkdirSync(dataDir, { recursive: true });
  accessSync(dataDir, constants.W_OK);
  assertRoom(dataDir);
  await assertPortFree(host, port);
}

/** A start on a full disk would fail half-way, with files of the folder changed. Asked before anything in it is opened. */
function assertRoom(dataDir: string): void {
  const { blocks, bavail, bsize } = statfsSync(dataDir);
  // A file system without blocks keeps no count of them.
  if (blocks > 0 && bavail * bsize < FREE_AT_START_BYTES)
    throw Object.assign(new Error(`less than ${FREE_AT_START_BYTES} bytes are left`), { code: 'ENOSPC' });
}

/** Asked before the example is prepared, because that takes long and changes things; the server itself asks again. */
async function assertPortFree(host: string, port: number): Promise<void> {
  if (port === 0) return;
  await new Promise<void>((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve()));
  });
}
