/** `signalbox verify` as an operator runs it: numbers, chain and anchor of the event log, size and hash of every finished run log. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ROOT } from './cases.ts';

/** @returns what it found wrong, as sentences. */
export async function verifyFolder(data: string): Promise<string[]> {
  const child = spawn(process.execPath, [join(ROOT, 'server/main.ts'), 'verify', '--data', data], {
    cwd: data,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => void (said += text.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return code === 0 ? [] : [`signalbox verify ended with ${code}: ${said.trim()}`];
}
