/** `signalbox verify`, `backup` and `restore`: what they print. What they do is in server/archive; both sides of a backup may be a live server's. */
import type { Command } from 'commander';
import { join, resolve } from 'node:path';
import { ArchiveError } from '../archive/archive_error.ts';
import { LOGS, takeBackup } from '../archive/backup.ts';
import type { ArchiveParts } from '../archive/port.ts';
import { restoreBackup } from '../archive/restore.ts';
import { instant } from '../clock.ts';
import { LogError } from '../eventlog/port.ts';
import { packageVersion } from './places.ts';
import { Sorry } from './port.ts';
import type { Shell } from './port.ts';
import { progressLine } from './progress_line.ts';

interface Flags {
  config?: string;
  data?: string;
}

export interface ArchiveCommands {
  shell: Shell;
  /** Loaded when a command is used. */
  parts: () => Promise<ArchiveParts>;
  /** The data folder that these flags mean. */
  dataDir: (flags: Flags) => string;
  /** ms since the epoch. */
  now: () => number;
}

/** @param exit receives the exit code of a command that did its work and found something bad. */
export function addArchiveCommands(program: Command, { shell, parts, dataDir, now }: ArchiveCommands, exit: (code: number) => void): void {
  program
    .command('verify')
    .description('read the whole event log and every finished log, and tell whether they are whole')
    .option('--config <file>', 'config of the server')
    .option('--data <folder>', 'data folder of the server')
    .action(async (flags: Flags) => exit(await orSorry(async () => verify(dataDir(flags), await parts(), shell))));
  program
    .command('backup')
    .description('copy events, logs and releases into a new folder; the server may be running')
    .argument('<folder>', 'new or empty')
    .option('--config <file>', 'config of the server')
    .option('--data <folder>', 'data folder of the server')
    .action(async (folder: string, flags: Flags) => {
      const target = resolve(shell.cwd, folder);
      const options = {
        dataDir: dataDir(flags),
        target,
        version: packageVersion(),
        now: instant(now()),
        tell: (line: string) => shell.out(line),
      };
      const { files, bytes, head } = await orSorry(async () => takeBackup({ ...options, parts: await parts() }));
      shell.out(
        `Backup of ${head.toLocaleString('en')} events, ${files.toLocaleString('en')} files and ${megabytes(bytes)} is in ${target}.`,
      );
      shell.out('The config and the nodes are not in it. Restore it with `npm run signalbox -- restore <folder> --data <new folder>`.');
    });
  program
    .command('restore')
    .description('make a data folder from a backup; it goes on as another history')
    .argument('<backup>', 'folder of the backup')
    .option('--config <file>', 'config of the server')
    .option('--data <folder>', 'data folder to make; new or empty')
    .action(async (backup: string, flags: Flags) => {
      const made = dataDir(flags);
      const options = { source: resolve(shell.cwd, backup), dataDir: made, now_ms: now(), tell: (line: string) => shell.out(line) };
      const { manifest, epoch } = await orSorry(async () => restoreBackup({ ...options, events: (await parts()).events }));
      shell.out(`Restored into ${made}: ${manifest.head.toLocaleString('en')} events, as they were on ${manifest.taken_at}.`);
      shell.out(
        `It goes on as another history (epoch ${epoch}): every page is told, and the nodes obey this server and no longer the one before it.`,
      );
      shell.out('Make sure that the server the backup came from is stopped, then start this one.');
    });
}

async function verify(dataDir: string, { events, logs }: ArchiveParts, shell: Shell): Promise<number> {
  const progress = progressLine(shell);
  const report = await events.verify(dataDir, progress('Events read'));
  shell.out(
    `Event log: ${report.events.toLocaleString('en')} events in ${report.commits.toLocaleString('en')} commits, epoch ${report.epoch}.`,
  );
  const found = await logs.verify(join(dataDir, LOGS), progress('Logs read'));
  shell.out(`Logs: ${found.logs.toLocaleString('en')} finished logs, ${megabytes(found.bytes)}.`);
  const problems = [...report.problems, ...found.problems];
  for (const problem of problems) shell.err(problem);
  shell.out(problems.length === 0 ? 'Everything is whole.' : `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'} found.`);
  return problems.length === 0 ? 0 : 1;
}

async function orSorry<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof ArchiveError || cause instanceof LogError) throw new Sorry(cause.message, { cause });
    if (cause instanceof Error && 'code' in cause && (cause.code === 'ENOSPC' || cause.code === 'EACCES' || cause.code === 'EROFS'))
      throw new Sorry(`Not done: ${cause.message}.`, { cause });
    throw cause;
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toLocaleString('en', { maximumFractionDigits: 1 })} MB`;
}
