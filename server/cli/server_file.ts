/**
 * `<data>/server.json`: which process serves this data folder, where, and how its last reload went. It is how other commands find the
 * server. Written when the server is ready and not when its port opens: who finds it may send commands at once. It may be stale after a crash, and its pid may then belong to a stranger: nobody is signalled before `isRunning` has compared
 * the process's start time.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const ServerFile = z.object({
  pid: z.int().positive(),
  url: z.string(),
  /** Start time of the process in clock ticks since boot; null where the system does not tell. */
  started: z.string().nullable(),
  /** The config it serves. */
  config: z.string(),
  /** How the last reload went; `count` tells one from the next. */
  reload: z.object({ count: z.int(), ok: z.boolean(), message: z.string() }),
});
export type ServerFile = z.infer<typeof ServerFile>;

const path = (dataDir: string): string => join(dataDir, 'server.json');

/** Written beside and renamed, so that a reader never sees half of it. */
export function writeServerFile(dataDir: string, file: ServerFile): void {
  const beside = `${path(dataDir)}.new`;
  writeFileSync(beside, `${JSON.stringify(file)}\n`);
  renameSync(beside, path(dataDir));
}

/** @returns null when there is none or it cannot be understood. */
export function readServerFile(dataDir: string): ServerFile | null {
  let text: string;
  try {
    text = readFileSync(path(dataDir), 'utf8');
  } catch {
    return null; // no server has left its file here
  }
  try {
    const parsed = ServerFile.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null; // another version's, or not ours: as good as none
  }
}

/** Removes it if it is still this process's own. */
export function removeServerFile(dataDir: string): void {
  if (readServerFile(dataDir)?.pid === process.pid) rmSync(path(dataDir), { force: true });
}

/** Whether the process that wrote the file still lives. */
export function isRunning(file: ServerFile): boolean {
  try {
    process.kill(file.pid, 0);
  } catch (error) {
    // EPERM: it lives, under another user.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  return file.started === startOf(file.pid);
}

/** Field 22 of `/proc/<pid>/stat`; the name in field 2 may itself hold spaces and parentheses. Null where there is no /proc. */
export function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null; // no /proc, or the process has just ended
  }
}
