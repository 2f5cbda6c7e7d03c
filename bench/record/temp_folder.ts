/** Folders of the benchmark, each removed by who made it, and what is left of them when the process ends: also by Ctrl-C. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const INTERRUPTED = 130;
const TERMINATED = 143;
const folders = new Set<string>();

process.once('SIGINT', () => process.exit(INTERRUPTED));
process.once('SIGTERM', () => process.exit(TERMINATED));
process.once('exit', () => [...folders].forEach(removeFolder));

export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-bench-'));
  folders.add(folder);
  return folder;
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  folders.delete(folder);
}
