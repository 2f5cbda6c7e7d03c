/** Who is alive of a line: what its runs and its nodes started. Known by the line's folder in the environment, the arguments or the working folder. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { parseStat } from '../../../server/runner/process_table.ts';
import { NONCE_VARIABLE } from '../../../server/runner/environment.ts';

export interface LineProcess {
  pid: number;
  parent: number;
  /** Clock ticks since the machine booted. */
  started: number;
  command: string;
  /** Belongs to a run that leaves nothing behind. */
  isOfRun: boolean;
}

/** Zombies and this process excepted. Nothing on a machine without /proc. */
export function processesOf(folder: string): LineProcess[] {
  return pids().flatMap((pid): LineProcess[] => {
    if (pid === process.pid) return [];
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      const parsed = parseStat(stat);
      if (parsed === null || !parsed.alive) return [];
      const environ = readFileSync(`/proc/${pid}/environ`, 'latin1');
      const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim();
      const known = environ.includes(folder) || command.includes(folder) || readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
      if (!known) return [];
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      return [{ pid, parent, started: parsed.started, command, isOfRun: `\0${environ}`.includes(`\0${NONCE_VARIABLE}=`) }];
    } catch {
      return []; // it has ended meanwhile, or is not ours to read
    }
  });
}

function pids(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return []; // no /proc
  }
}

/** Null when it has gone. */
export function startOf(pid: number): number | null {
  try {
    const parsed = parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
    return parsed?.alive === true ? parsed.started : null;
  } catch {
    return null; // it has gone
  }
}

/** Ends everything of a line, one by one and only what is still the same process. @returns what was of a run. */
export function endAll(folder: string): LineProcess[] {
  const found = processesOf(folder);
  for (const { pid, started } of found) if (startOf(pid) === started) kill(pid);
  return found.filter(({ isOfRun }) => isOfRun);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended by itself
  }
}
