/**
 * A server from its start until it is told to stop, at any moment. It keeps one promise about endings: once a stop was asked for, the process
 * ends within `STOP_DEADLINE_MS`, and `server.json` is gone with it. What the app could not finish by then, the next start finds in the event log.
 */
import type { Logger } from 'pino';
import { packageVersion, webRoot } from './places.ts';
import type { App, AppOptions, Demo, Shell } from './port.ts';
import { progressLines } from './start_progress.ts';
import { removeServerFile, startOf, writeServerFile } from './server_file.ts';
import type { ServerFile } from './server_file.ts';
import type { ServerLog } from './server_log.ts';
import { listenForSignals, terminalWatch } from './signals.ts';
import type { SignalSource } from './signals.ts';
import type { Config } from '../config/config.ts';

export const STOP_DEADLINE_MS = 15_000;
/** As after signal 15 and 2, which ended it. */
const STOPPED_NOW = 130;

export interface Running {
  /** Resolves when the server is ready. Rejects with the signal's reason when it was stopped before. */
  start: (starting: Pick<AppOptions, 'onProgress' | 'signal'>) => Promise<App>;
  demo: Demo | null;
  config: Config;
  /** What to do now, for the person at the terminal. */
  next: string;
  dataDir: string;
  log: ServerLog;
  shell: Shell;
  signals: SignalSource;
  deadlineMs?: number;
}

/** @returns the exit code: 0 when everything closed in time. @throws what `start` throws when it was not stopped. */
export async function serveUntilStopped(running: Running): Promise<number> {
  const { demo, dataDir, log, shell, signals } = running;
  const stop = Promise.withResolvers<'stop'>();
  const now = Promise.withResolvers<'now'>();
  const stopping = new AbortController();
  let reload = (): void => shell.out('The server is still starting; it takes the config as it is now.');
  // From the first moment on: a signal nobody listens for ends the process as it stands.
  const undo = listenForSignals(
    signals,
    {
      stop: () => {
        // First, so that the end of a start that stops at once is not taken for a failure.
        stop.resolve('stop');
        stopping.abort(new Error('the server was stopped while it was starting'));
      },
      stopNow: () => now.resolve('now'),
      reload: () => reload(),
    },
    { now: () => performance.now(), terminalGone: terminalWatch(process.stdout.isTTY) },
  );
  try {
    const starting = running.start({ onProgress: progressLines(shell, () => performance.now()), signal: stopping.signal });
    const app = await Promise.race([stop.promise, starting]);
    if (app === 'stop') return await end(running, closeWhenStarted(starting, stopping.signal), now.promise);
    const file: ServerFile = {
      pid: process.pid,
      url: app.url,
      started: startOf(process.pid),
      config: running.config.file,
      reload: { count: 0, ok: true, message: '' },
    };
    reload = () => void reloadAndTell(app, dataDir, file, log.logger, shell);
    writeServerFile(dataDir, file);
    welcome(app, running);
    demo
      ?.start({ url: app.url, firstViewer: app.firstViewer })
      .catch((err: unknown) => log.logger.error({ err }, 'the example could not be started'));
    await stop.promise;
    return await end(running, () => app.close(), now.promise);
  } finally {
    undo();
  }
}

/** The start may have come to its end at the same moment. */
function closeWhenStarted(starting: Promise<App>, stopped: AbortSignal): () => Promise<void> {
  return async () => {
    try {
      await (await starting).close();
    } catch (error) {
      if (error !== stopped.reason) throw error;
    }
  };
}

async function end(
  { demo, dataDir, log, shell, deadlineMs = STOP_DEADLINE_MS }: Running,
  close: () => Promise<void>,
  now: Promise<'now'>,
): Promise<number> {
  shell.out('Stopping…');
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => (timer = setTimeout(resolve, deadlineMs, 'late')));
  const closed = Promise.allSettled([close(), demo?.stop()]);
  const ended = await Promise.race([closed, late, now]);
  clearTimeout(timer);
  removeServerFile(dataDir);
  if (ended === 'now') return STOPPED_NOW;
  if (ended === 'late') {
    shell.err(`It did not stop within ${deadlineMs / 1000} s and is ended now. What was in flight is settled at the next start.`);
    return 1;
  }
  const failed = ended.find((result) => result.status === 'rejected');
  if (failed !== undefined) {
    log.logger.error({ err: failed.reason }, 'the server did not close cleanly');
    return 1;
  }
  shell.out('Stopped.');
  return 0;
}

function welcome(app: App, { config, next, dataDir, log, shell }: Running): void {
  shell.out('');
  shell.out(`Signalbox ${packageVersion()} is at ${app.url}`);
  shell.out('');
  shell.out(`  config  ${config.file}`);
  shell.out(`  data    ${dataDir}`);
  shell.out(`  log     ${log.file}`);
  shell.out('');
  shell.out(`Next: ${next}`);
  shell.out('Ctrl-C stops the server.');
  if (webRoot() === null) shell.err('The pages are not built, so only the API answers. Build them with `npm run build`, then start again.');
}

async function reloadAndTell(app: App, dataDir: string, file: ServerFile, logger: Logger, shell: Shell): Promise<void> {
  file.reload.count += 1;
  try {
    const { changes } = await app.reload();
    file.reload = {
      ...file.reload,
      ok: true,
      message:
        changes === 0
          ? 'Read again; nothing on the line has changed.'
          : `Read again; ${changes} ${changes === 1 ? 'project has' : 'projects have'} changed.`,
    };
    shell.out(file.reload.message);
    logger.info({ changes }, 'the config was read again');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    file.reload = { ...file.reload, ok: false, message: `The config was not taken; the earlier one stays in force.\n${reason}` };
    logger.error({ err: error }, 'the config was not taken; the earlier one stays in force');
  }
  writeServerFile(dataDir, file);
}
