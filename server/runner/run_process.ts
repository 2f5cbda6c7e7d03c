/** One run from spawn to the last of its processes. */
import type { Clock } from '../clock.ts';
import { endKin } from './end_kin.ts';
import { childEnvironment } from './environment.ts';
import { kinOfGroup, kinOfRun } from './kin.ts';
import { pumpOutput } from './output_pump.ts';
import type { RunEnd, RunSpec } from './port.ts';
import type { ProcessTable } from './process_table.ts';
import { settlesWithin } from './settles_within.ts';
import { folderProblem, spawnSentence } from './spawn_failure.ts';
import { startProcess } from './start_process.ts';
import type { StartedProcess } from './start_process.ts';

/**
 * How long after the script's exit what it left running may still write (a `tee` behind a substitution). Then the leftovers are ended:
 * a grandchild that keeps stdout open would otherwise keep the run open.
 */
export const OUTPUT_AFTER_EXIT_MS = 500;

export interface RunContext {
  clock: Clock;
  report: (message: string, detail?: unknown) => void;
  env: NodeJS.ProcessEnv;
  grace_ms: number;
  shell: string;
  table: ProcessTable | null;
  /** Null for a run that leaves a service behind. */
  nonce: string | null;
  /** Aborted when the runner closes. */
  closing: AbortSignal;
}

/** Never rejects. */
export async function runProcess(spec: RunSpec, context: RunContext): Promise<RunEnd> {
  const { shell, table } = context;
  const stop = stopOf(spec, context);
  try {
    const problem = await folderProblem(spec.cwd);
    if (stop.aborted()) return { type: 'aborted' };
    if (problem) return { type: 'spawn', message: problem };
    const env = childEnvironment(context.env, spec.env, context.nonce);
    const child = await startProcess({ shell, script: spec.script, cwd: spec.cwd, env, table });
    return await follow(child, stop.reason, spec, context);
  } catch (error) {
    return { type: 'spawn', message: spawnSentence(error, shell, spec.cwd) };
  } finally {
    stop.undo();
  }
}

/** Never rejects, so that nothing that happens after the start can pass for a failed start. */
async function follow(child: StartedProcess, stopped: Promise<RunEnd>, spec: RunSpec, context: RunContext): Promise<RunEnd> {
  const say = (message: string, detail?: unknown): void => context.report(`${spec.name} (pid ${child.pid}): ${message}`, detail);
  const pump = pumpOutput(child.output_fd, spec.output, (error) => say('its output was not taken', error));
  try {
    spec.started?.(child.pid);
  } catch (error) {
    say('its start was not taken note of', error);
  }

  const end = await Promise.race([child.exited, stopped]);
  const by_itself = end.type === 'exit' || end.type === 'signal';
  if (by_itself) await settlesWithin(pump.ended, OUTPUT_AFTER_EXIT_MS);
  if (!by_itself || !spec.leaves_service) await endAll(child, context, say);
  if (!(await pump.finish()))
    say('something outlives it and holds its output open; what that writes is not recorded, and it may die of the closed pipe');
  return end;
}

async function endAll(child: StartedProcess, context: RunContext, say: (message: string, detail?: unknown) => void): Promise<void> {
  const { table, nonce } = context;
  const known =
    table && child.started !== null ? kinOfRun(table, { pid: child.pid, started: child.started, nonce }) : kinOfGroup(child.pid);
  const ended = await endKin(known, context).catch((error: unknown) => {
    say('the process list could not be read; only its process group is ended', error);
    return endKin(kinOfGroup(child.pid), context);
  });
  if (ended.left.length > 0) say(`these of its processes cannot be ended: ${ended.left.join(', ')}`);
  else await child.exited;
}

/** What ends a run from outside, whichever comes first: its deadline, its own signal, or the runner's end. */
function stopOf(spec: RunSpec, { clock, closing }: RunContext): { reason: Promise<RunEnd>; aborted: () => boolean; undo: () => void } {
  const signals = [spec.signal, closing];
  const aborted = (): boolean => signals.some((signal) => signal.aborted);
  const gone = new AbortController();
  const reason = new Promise<RunEnd>((resolve) => {
    const abort = (): void => resolve({ type: 'aborted' });
    for (const signal of signals) signal.addEventListener('abort', abort, { once: true, signal: gone.signal });
    if (aborted()) abort();
    const undo = clock.after(spec.timeout_ms, () => resolve({ type: 'timeout', after_s: spec.timeout_ms / 1000 }));
    gone.signal.addEventListener('abort', undo, { once: true });
  });
  return { reason, aborted, undo: () => gone.abort() };
}
