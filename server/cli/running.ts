/**
 * A server that runs, until it is told to stop. It keeps one promise about endings: once a stop was asked for, the process may end within
 * `STOP_DEADLINE_MS`, and `server.json` is gone with it. What the app could not finish by then, the next start finds in the event log.
 */
import type { Logger } from 'pino';
import { packageVersion, webRoot } from './places.ts';
import type { App, Demo, Shell } from './port.ts';
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
  app: App;
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

/** @returns the exit code: 0 when everything closed in time. */
export async function serveUntilStopped(running: Running): Promise<number> {
  const { app, demo, config, dataDir, log, shell, signals, deadlineMs = STOP_DEADLINE_MS } = running;
  const file: ServerFile = {
    pid: process.pid,
    url: app.url,
    started: startOf(process.pid),
    config: config.file,
    reload: { count: 0, ok: true, message: '' },
  };
  writeServerFile(dataDir, file);
  welcome(running);
  demo
    ?.start({ url: app.url, firstViewer: app.firstViewer })
    .catch((err: unknown) => log.logger.error({ err }, 'the example could not be started'));

  const stop = Promise.withResolvers<'stop'>();
  const now = Promise.withResolvers<'now'>();
  const undo = listenForSignals(
    signals,
    {
      stop: () => stop.resolve('stop'),
      stopNow: () => now.resolve('now'),
      reload: () => void reloadAndTell(app, dataDir, file, log.logger, shell),
    },
    { now: () => performance.now(), terminalGone: terminalWatch(process.stdout.isTTY) },
  );
  await stop.promise;
  shell.out('Stopping…');
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => (timer = setTimeout(resolve, deadlineMs, 'late')));
  const closed = Promise.allSettled([app.close(), demo?.stop()]);
  const end = await Promise.race([closed, late, now.promise]);
  clearTimeout(timer);
  undo();
  removeServerFile(dataDir);
  if (end === 'now') return STOPPED_NOW;
  if (end === 'late') {
    shell.err(`It did not stop within ${deadlineMs / 1000} s and is ended now. What was in flight is settled at the next start.`);
    return 1;
  }
  const failed = end.find((result) => result.status === 'rejected');
  if (failed !== undefined) {
    log.logger.error({ err: failed.reason }, 'the server did not close cleanly');
    return 1;
  }
  shell.out('Stopped.');
  return 0;
}

function welcome({ app, config, next, dataDir, log, shell }: Running): void {
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
