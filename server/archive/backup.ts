/**
 * `signalbox backup`: a copy of a data folder that can be started from, taken beside a live server without holding it up. The invariant: a
 * backup that has its manifest is whole: the event log is one moment of it, and every log and release that log speaks of is there as it was
 * then or later. So the event log is copied first and the list of everything last. It never writes into a folder that has something in it.
 */
import { mkdir, open, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { ArchiveError } from './archive_error.ts';
import { copyEntry, describeFile } from './copy_entry.ts';
import { MANIFEST_NAME, printManifest, type Entry } from './manifest.ts';
import type { ArchiveParts, Copies } from './port.ts';

export interface BackupOptions {
  dataDir: string;
  target: string;
  parts: ArchiveParts;
  /** Of this Signalbox. */
  version: string;
  /** UTC ISO-8601. */
  now: string;
  /** A line for the person who waits. */
  tell: (line: string) => void;
}

export interface Backup {
  files: number;
  bytes: number;
  /** seq_no of the last event in it. */
  head: number;
}

/** What of a data folder is copied, besides the event log; the rest is made again. */
export const LOGS = 'logs';
export const RELEASES = 'releases';
export const EVENTS_FILE = 'events.db';

/** @throws ArchiveError; LogError when the event log cannot be read; the file system's error. */
export async function takeBackup({ dataDir, target, parts, version, now, tell }: BackupOptions): Promise<Backup> {
  if (!(await isFile(join(dataDir, EVENTS_FILE)))) throw new ArchiveError(`${dataDir} is not the data folder of a Signalbox server.`);
  if (!relative(resolve(dataDir), resolve(target)).startsWith('..'))
    throw new ArchiveError('The backup would lie inside the data folder itself. Name a folder elsewhere, best on another disk.');
  await makeEmpty(target);
  let entries: Entry[] = [];
  const into: Copies = {
    async copy(from, to) {
      const copied = await copyEntry(from, to);
      if (copied !== null) entries.push({ ...copied, path: relative(target, to) });
      return copied !== null;
    },
    async drop(to) {
      await rm(to, { recursive: true, force: true });
      const inside = `${relative(target, to)}/`;
      entries = entries.filter(({ path }) => !`${path}/`.startsWith(inside));
    },
    async write(to, text) {
      await mkdir(dirname(to), { recursive: true });
      await writeFile(to, text, { flag: 'wx', mode: 0o600 });
      entries.push({ ...(await describeFile(to)), path: relative(target, to) });
    },
  };

  tell('Copying the event log…');
  await parts.events.copy(dataDir, target);
  const report = await parts.events.verify(target);
  if (report.problems.length > 0) throw new ArchiveError(`The copy of the event log is not whole: ${report.problems.join('; ')}`);
  for (const name of await readdir(target)) entries.push({ ...(await describeFile(join(target, name))), path: name });
  tell('Copying the logs of the runs…');
  await parts.logs.copy(join(dataDir, LOGS), join(target, LOGS), into);
  tell('Copying the releases…');
  await parts.releases.copy(join(dataDir, RELEASES), join(target, RELEASES), into);

  const { epoch, head } = report;
  const file = await open(join(target, MANIFEST_NAME), 'wx', 0o600);
  try {
    await file.writeFile(printManifest({ version, taken_at: now, epoch, head, entries }));
    await file.sync();
  } finally {
    await file.close();
  }
  const bytes = entries.reduce((sum, entry) => sum + (entry.type === 'file' ? entry.bytes : 0), 0);
  return { files: entries.length, bytes, head };
}

/** @throws ArchiveError when something is in it. */
async function makeEmpty(target: string): Promise<void> {
  await mkdir(target, { recursive: true, mode: 0o700 });
  if ((await readdir(target)).length > 0) throw new ArchiveError(`${target} is not empty. A backup goes into a folder of its own.`);
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isFile() ?? false;
}
