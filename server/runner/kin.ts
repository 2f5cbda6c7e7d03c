/**
 * Who belongs to a run, and how they get a signal. Three ways to look, all with one promise: a process gets a signal only after its pid,
 * start time and membership (nonce, or the run's own group and session) were read and the start time was read again just before.
 */
import type { ProcessRow, ProcessTable } from './process_table.ts';

export interface Kin {
  /** Pids of all that are alive now. */
  look(): Promise<readonly number[]>;
  /** To those of the last look that are still the same processes. `together` sends to the group as one, so that nothing forks away in between. */
  signal(pids: readonly number[], name: 'SIGTERM' | 'SIGKILL', together: boolean): void;
}

/** The run's group, and with a nonce also whatever left the group. */
export function kinOfRun(table: ProcessTable, run: { pid: number; started: number; nonce: string | null }): Kin {
  let last = new Map<number, ProcessRow>();
  /** A group keeps its number as long as a member lives. If the number's process has another start, the group is a stranger's. */
  const groupIsOurs = (): boolean => {
    const started = table.started(run.pid);
    return started === null || started === run.started;
  };
  const inGroup = (row: ProcessRow): boolean => row.group === run.pid && row.session === run.pid;
  return {
    async look() {
      const ours = groupIsOurs();
      const rows = (await table.look(run.started)).filter(
        (row) => (ours && inGroup(row)) || (run.nonce !== null && row.nonce === run.nonce),
      );
      last = new Map(rows.map((row) => [row.pid, row]));
      return [...last.keys()];
    },
    signal(pids, name, together) {
      const rows = pids.flatMap((pid) => last.get(pid) ?? []);
      const group = together && rows.some((row) => inGroup(row) && isSame(table, row)) && groupIsOurs();
      if (group) send(-run.pid, name);
      for (const row of rows) if (!(group && inGroup(row)) && isSame(table, row)) send(row.pid, name);
    },
  };
}

/** Everything whose nonce is meant, one by one. */
export function kinByNonce(table: ProcessTable, meant: (nonce: string) => boolean): Kin {
  let last = new Map<number, ProcessRow>();
  return {
    async look() {
      const rows = (await table.look(0)).filter((row) => row.nonce !== null && meant(row.nonce));
      last = new Map(rows.map((row) => [row.pid, row]));
      return [...last.keys()];
    },
    signal(pids, name) {
      for (const row of pids.flatMap((pid) => last.get(pid) ?? [])) if (isSame(table, row)) send(row.pid, name);
    },
  };
}

/** Without a process table: the group as a whole. Called only while the leader is not reaped or the group was seen alive without a break. */
export function kinOfGroup(pid: number): Kin {
  return {
    look: () => Promise.resolve(send(-pid, 0) ? [pid] : []),
    signal: (_pids, name, together) => {
      if (together) send(-pid, name);
    },
  };
}

function isSame(table: ProcessTable, row: ProcessRow): boolean {
  return table.started(row.pid) === row.started;
}

/** @returns false when nobody is there any more. Another user's process (EPERM) is there, and stays: the caller gives up on it and says so. */
function send(target: number, name: 'SIGTERM' | 'SIGKILL' | 0): boolean {
  try {
    return process.kill(target, name);
  } catch (error) {
    if (error instanceof Error && 'code' in error) {
      if (error.code === 'ESRCH') return false;
      if (error.code === 'EPERM') return true;
    }
    throw error;
  }
}
