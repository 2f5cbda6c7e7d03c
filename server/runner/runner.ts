/**
 * Child processes of runs. One `spawn` is one process group with a deadline.
 *
 * Invariant: when `spawn` resolves, nothing that the run started is alive, except what a restart script meant to leave behind
 * (`leaves_service`); and no process that is not provably the run's own ever gets a signal. Without the first, a cancelled gate keeps a
 * port, a lock or a core busy and the next run fails for a reason nobody sees; without the second, a reused process id ends a stranger.
 *
 * It refuses to hand the server's own environment to a script, to interpret a script, and to keep any of its output.
 */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { endKin } from './end_kin.ts';
import { folderId } from './folder_id.ts';
import { kinByNonce } from './kin.ts';
import type { Runner, RunEnd, RunSpec } from './port.ts';
import { openProcessTable } from './process_table.ts';
import { runProcess } from './run_process.ts';

/** From TERM to KILL. */
export const TERM_GRACE_MS = 5_000;
/** The same for what an earlier life left behind: nobody waits for its output any more, and all of it is to be gone within 5 s of the start. */
export const SWEEP_GRACE_MS = 1_000;

export interface RunnerOptions {
  clock: Clock;
  /** The server's own log. */
  report: (message: string, detail?: unknown) => void;
  /** The server's data folder; keeps the id by which children of an earlier life are known. */
  folder: string;
  /** The server's own environment; children see an allow-listed part of it. */
  env: NodeJS.ProcessEnv;
  grace_ms?: number;
  shell?: string;
  /** Where the kernel lists processes; a folder that does not exist switches the sweep off. */
  proc_folder?: string;
}

export function createRunner(options: RunnerOptions): Runner {
  const { clock, report, env, grace_ms = TERM_GRACE_MS, shell = '/bin/sh', proc_folder = '/proc' } = options;
  const earlier = `${folderId(options.folder, report)}.`;
  /** Begins every nonce of this life, so that the boot sweep can tell its own runs from an earlier life's. */
  const mine = `${earlier}${randomBytes(8).toString('hex')}`;
  const table = openProcessTable(proc_folder);
  if (!table) report(`there is no ${proc_folder} here: what a run starts outside its process group is not found and not ended`);

  const closing = new AbortController();
  const running = new Set<Promise<unknown>>();

  async function timed(spec: RunSpec): Promise<{ end: RunEnd; elapsed_s: number }> {
    const from = clock.steady();
    const nonce = spec.leaves_service ? null : `${mine}${randomBytes(8).toString('hex')}`;
    const end = await runProcess(spec, { clock, report, env, grace_ms, shell, table, nonce, closing: closing.signal });
    return { end, elapsed_s: (clock.steady() - from) / 1000 };
  }

  return {
    spawn(spec) {
      const run = timed(spec);
      running.add(run);
      return run.finally(() => running.delete(run));
    },

    async sweepLeftovers() {
      if (!table) return 0;
      const kin = kinByNonce(table, (nonce) => nonce.startsWith(earlier) && !nonce.startsWith(mine));
      const { ended, left } = await endKin(kin, { clock, grace_ms: Math.min(grace_ms, SWEEP_GRACE_MS) });
      if (left.length > 0) report(`an earlier life of this server left processes that cannot be ended: ${left.join(', ')}`);
      return ended;
    },

    async close() {
      closing.abort();
      await Promise.all(running);
    },
  };
}
