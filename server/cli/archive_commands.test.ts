/** The commands as typed, over a real data folder: what is printed, and the exit code. */
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { archiveParts } from '../archive.ts';
import { systemClock } from '../clock.ts';
import { openSqliteEventLog } from '../eventlog/sqlite.ts';
import { openLogStore } from '../logstore/log_store.ts';
import { systemRandom } from '../uuid.ts';
import { run } from './program.ts';

let folder: string;
let said: string[];
let complained: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-archive-cli-'));
  said = [];
  complained = [];
  const data = join(folder, 'data');
  const log = await openSqliteEventLog({ folder: data, clock: systemClock, random: systemRandom });
  await log.close();
  const logs = await openLogStore({ folder: join(data, 'logs'), clock: systemClock, report: () => undefined });
  const written = await logs.create({ run_id: 1, project: 'hello', type: 'build' }, []);
  written.write(Buffer.from('built\n'));
  await written.close();
  await logs.close();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function signalbox(...argv: string[]): Promise<number> {
  return run(
    argv,
    { cwd: folder, env: {}, out: (line) => void said.push(line), err: (line) => void complained.push(line) },
    {
      startApp: () => Promise.reject(new Error('no server expected')),
      prepareDemo: () => Promise.reject(new Error('no example expected')),
      signals: process,
      addDemoCommands: () => undefined,
      archive: () => Promise.resolve(archiveParts),
    },
  );
}

test('verify reads events and logs, and tells what is wrong', async () => {
  expect(await signalbox('verify', '--data', 'data')).toBe(0);
  expect(said.join('\n')).toContain('Logs: 1 finished logs');
  appendFileSync(join(folder, 'data/logs/runs/0/1/log'), 'more');
  expect(await signalbox('verify', '--data', 'data')).toBe(1);
  expect(complained.join('\n')).toContain('The log of run 1 has 10 bytes; it had 6');
});

test('backup and restore say where things are; what cannot be done is a sentence', async () => {
  expect(await signalbox('backup', 'copy', '--data', 'data')).toBe(0);
  expect(await signalbox('restore', 'copy', '--data', 'again')).toBe(0);
  expect(said.join('\n')).toContain('It goes on as another history');
  expect(await signalbox('restore', 'copy', '--data', 'again')).toBe(1);
  expect(complained.join('\n')).toContain('is not empty');
  expect(await signalbox('backup', 'other', '--data', 'nowhere')).toBe(1);
  expect(complained.join('\n')).toContain('is not the data folder of a Signalbox server');
});
