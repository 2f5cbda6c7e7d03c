/** Runs one case in a process of its own, so that memory, timers and crashes of one are nothing to the next. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import type { Asked, FaultCase, Found } from './case.ts';

export type Ended = { type: 'found'; found: Found } | { type: 'died'; why: string };

const FOUND = 'found ';
const DEADLINE_MS = 600_000;
const LAST_OUTPUT = 4_000;

/** @param root of the tree whose sources are tried. @param file of the case, relative to it. */
export function runCase(root: string, file: string, { runs, seed }: Asked, deadline_ms = DEADLINE_MS): Promise<Ended> {
  const argv = [join(root, 'tests/faults/run_case.ts'), join(root, file), String(runs), String(seed)];
  const child = spawn(process.execPath, argv, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let output = '';
  const hear = (data: Buffer): void => void (output += data.toString());
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  return new Promise((resolve) => {
    const late = setTimeout(() => {
      // The whole group: a case starts servers.
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    }, deadline_ms);
    child.once('error', (error) => {
      clearTimeout(late);
      resolve({ type: 'died', why: error.message });
    });
    child.once('close', (code, signal) => {
      clearTimeout(late);
      const line = output.split('\n').findLast((each) => each.startsWith(FOUND));
      if (line !== undefined) resolve({ type: 'found', found: JSON.parse(line.slice(FOUND.length)) as Found });
      else resolve({ type: 'died', why: `ended with ${signal ?? code}: ${output.slice(-LAST_OUTPUT).trim()}` });
    });
  });
}

/** The line by which a case tells what it found. */
export function tell(found: Found): void {
  process.stdout.write(`\n${FOUND}${JSON.stringify(found)}\n`);
}

/** @returns what is missing, or null when the case can run here. */
export function missing({ needs }: Pick<FaultCase, 'needs'>): string | null {
  if (needs === undefined) return null;
  if (needs === 'proc') return existsSync('/proc/self/stat') ? null : '/proc';
  return spawnSync(needs, [needs === 'strace' ? '-V' : '--version']).status === 0 ? null : needs;
}
