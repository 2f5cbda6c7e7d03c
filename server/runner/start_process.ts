/** Starts the shell of a run: own process group, no stdin, one pipe for both outputs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openOutputPipe } from './output_pipe.ts';
import type { RunEnd } from './port.ts';
import type { ProcessTable } from './process_table.ts';

export interface StartedProcess {
  pid: number;
  /** Its start tick; null without a process table. */
  started: number | null;
  /** Where its output can be read. The caller closes it. */
  output_fd: number;
  exited: Promise<RunEnd>;
}

export interface StartOptions {
  shell: string;
  script: string;
  cwd: string;
  env: Record<string, string>;
  table: ProcessTable | null;
}

/** @throws what `spawn` threw; then nothing runs and nothing is open. */
export async function startProcess({ shell, script, cwd, env, table }: StartOptions): Promise<StartedProcess> {
  const pipe = await openOutputPipe();
  try {
    const child = spawn(shell, ['-ec', script], { cwd, env, detached: true, stdio: ['ignore', pipe.write_fd, pipe.write_fd] });
    // Read before Node can have reaped it: a process that is gone at once must not hand its number to a stranger unnoticed.
    const started = child.pid === undefined ? null : (table?.started(child.pid) ?? null);
    const exited = new Promise<RunEnd>((resolve) => {
      child.once('exit', (code, signal) => resolve(code === null ? { type: 'signal', name: signal ?? 'unknown' } : { type: 'exit', code }));
    });
    await once(child, 'spawn');
    if (child.pid === undefined) throw new Error('the system gave it no process id');
    return { pid: child.pid, started, output_fd: pipe.read_fd, exited };
  } catch (error) {
    await pipe.closeReadEnd();
    throw error;
  } finally {
    await pipe.closeWriteEnd();
  }
}
