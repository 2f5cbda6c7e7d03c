/**
 * `signalbox restore`: a data folder made from a backup. The invariant: the folder appears under its name only when every byte of it was
 * compared with the backup's list and its event log was read to the end; before that it has another name, and a failure leaves nothing.
 * What is restored is another history: numbers after its head will be given out anew, so it gets an epoch and a generation above every
 * earlier one, or a viewer could take new events for old ones and a node could obey two servers. It never replaces a folder that holds something.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { ArchiveError } from './archive_error.ts';
import { copyEntry } from './copy_entry.ts';
import { readManifest, type Entry, type Manifest } from './manifest.ts';
import type { EventLogFiles } from './port.ts';

export interface RestoreOptions {
  /** Of the backup. */
  source: string;
  dataDir: string;
  events: EventLogFiles;
  /** ms since the epoch. */
  now_ms: number;
  tell: (line: string) => void;
}

export interface Restored {
  manifest: Manifest;
  epoch: string;
  files: number;
}

/** @throws ArchiveError; LogError; the file system's error. Then there is no new folder. */
export async function restoreBackup({ source, dataDir, events, now_ms, tell }: RestoreOptions): Promise<Restored> {
  const manifest = await readManifest(source);
  await assertFree(dataDir);
  const partial = join(dirname(dataDir), `.restoring-${randomUUID()}`);
  await mkdir(partial, { recursive: true, mode: 0o700 });
  try {
    tell(`Copying ${manifest.entries.length} files…`);
    for (const entry of manifest.entries) await restoreEntry(source, partial, entry);
    tell('Reading the event log…');
    const report = await events.verify(partial);
    if (report.problems.length > 0) throw new ArchiveError(`The event log of the backup is not whole: ${report.problems.join('; ')}`);
    // The time, because two restores of one backup must not share a generation either, and neither knows of the other.
    const { epoch } = await events.beginAnotherHistory(partial, { atLeastGeneration: now_ms, taken_at: manifest.taken_at });
    await assertFree(dataDir);
    await rmdir(dataDir).catch((error: unknown) => (codeOf(error) === 'ENOENT' ? undefined : Promise.reject(error as Error)));
    await rename(partial, dataDir);
    return { manifest, epoch, files: manifest.entries.length };
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

async function restoreEntry(source: string, partial: string, entry: Entry): Promise<void> {
  const copied = await copyEntry(join(source, entry.path), join(partial, entry.path));
  if (copied === null) throw new ArchiveError(`The backup is not whole: ${entry.path} is missing.`);
  const { path, ...meant } = entry;
  if (!isDeepStrictEqual(copied, meant)) throw new ArchiveError(`The backup is damaged: ${path} is not what was written.`);
}

/** @throws ArchiveError when something is there. */
async function assertFree(dataDir: string): Promise<void> {
  const names = await readdir(dataDir).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  });
  if (names.length > 0)
    throw new ArchiveError(
      `${dataDir} is not empty, and nothing in it is replaced. Stop its server and move the folder away, or name another with --data.`,
    );
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
