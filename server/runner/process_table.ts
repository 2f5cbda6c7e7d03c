/**
 * The kernel's list of processes, read from /proc. A zombie is not alive: it holds nothing and cannot be ended, and under a PID 1 that
 * does not reap it stays for ever.
 */
import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NONCE_VARIABLE } from './environment.ts';

export interface ProcessRow {
  pid: number;
  group: number;
  session: number;
  /** Clock ticks since the machine booted. With the pid it names one process for good: a reused pid has another start. */
  started: number;
  /** The run's nonce; null when it has none, or when its environment may not be read. */
  nonce: string | null;
}

export interface ProcessTable {
  /** Everything alive that started at tick `since` or later, this process excepted. */
  look(since: number): Promise<ProcessRow[]>;
  /** The start of a process, zombies included; null when there is none with that pid. Synchronous, so that a signal can follow at once. */
  started(pid: number): number | null;
}

/** Files of /proc read at a time: enough to be quick, too few to keep other file work of the server waiting. */
const READS_AT_A_TIME = 8;

/** @returns null where there is no such table (macOS). */
export function openProcessTable(folder: string): ProcessTable | null {
  if (!existsSync(join(folder, 'self/stat'))) return null;

  async function row(pid: number, since: number): Promise<ProcessRow | null> {
    const stat = parseStat(await readIfThere(join(folder, `${pid}/stat`)));
    if (!stat || !stat.alive || stat.started < since) return null;
    const environment = await readIfThere(join(folder, `${pid}/environ`));
    return { pid, group: stat.group, session: stat.session, started: stat.started, nonce: nonceIn(environment) };
  }

  return {
    async look(since) {
      const pids = (await readdir(folder)).filter((name) => /^\d+$/.test(name)).map(Number);
      const rows: ProcessRow[] = [];
      for (let at = 0; at < pids.length; at += READS_AT_A_TIME) {
        const some = await Promise.all(pids.slice(at, at + READS_AT_A_TIME).map((pid) => row(pid, since)));
        for (const found of some) if (found && found.pid !== process.pid) rows.push(found);
      }
      return rows;
    },

    started(pid) {
      try {
        return parseStat(readFileSync(join(folder, `${pid}/stat`), 'latin1'))?.started ?? null;
      } catch (error) {
        if (isGone(error)) return null;
        throw error;
      }
    },
  };
}

/** Empty when the process has gone meanwhile, or belongs to another user. */
async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, 'latin1');
  } catch (error) {
    if (isGone(error)) return '';
    throw error;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(String(error.code));
}

/** The name in parentheses may itself hold spaces and parentheses, so fields are counted from the last `)`: state is the first after it. */
export function parseStat(stat: string): { alive: boolean; group: number; session: number; started: number } | null {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  const started = Number(fields[19]);
  if (!state || !Number.isSafeInteger(started)) return null;
  return { alive: state !== 'Z' && state !== 'X', group: Number(fields[2]), session: Number(fields[3]), started };
}

function nonceIn(environment: string): string | null {
  const mark = `\0${NONCE_VARIABLE}=`;
  const text = `\0${environment}`;
  const at = text.indexOf(mark);
  if (at < 0) return null;
  const end = text.indexOf('\0', at + 1);
  return text.slice(at + mark.length, end < 0 ? undefined : end);
}
