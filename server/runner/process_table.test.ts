import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { afterEach, expect, test } from 'vitest';
import { openProcessTable, parseStat } from './process_table.ts';

const linux = test.skipIf(!existsSync('/proc/self/stat'));
const ended: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0)) await end();
});

function stat(name: string, state: string): string {
  return `42 (${name}) ${state} 1 40 39 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 987654 0 0\n`;
}

test.each(['sh', 'a b', ') Z 1', 'x) (y'])('a process named %s does not confuse the fields', (name) => {
  expect(parseStat(stat(name, 'S'))).toEqual({ alive: true, group: 40, session: 39, started: 987654 });
});

test('a zombie and a vanished process are not alive', () => {
  expect(parseStat(stat('sh', 'Z'))).toMatchObject({ alive: false });
  expect(parseStat('')).toBeNull();
});

linux('the table lists a process with its nonce, from its start on, but no zombie and not the server itself', async () => {
  const table = openProcessTable('/proc');
  if (!table) throw new Error('no /proc');
  // The shell becomes a sleep, which never reaps the child it inherits.
  const child = spawn('sh', ['-c', 'sleep 0.01 & echo $!; exec sleep 1000'], {
    env: { ...process.env, SIGNALBOX_RUN_NONCE: 'a.b' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  ended.push(async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const zombie = Number(line.toString());
  await expect.poll(async () => await readFile(`/proc/${zombie}/stat`, 'latin1')).toContain(') Z ');

  const started = table.started(child.pid ?? 0) ?? 0;
  const rows = await table.look(started);
  expect(rows.find((row) => row.pid === child.pid)).toMatchObject({ nonce: 'a.b', started });
  expect(rows.some((row) => row.pid === zombie)).toBe(false);
  expect((await table.look(0)).some((row) => row.pid === process.pid)).toBe(false);
  expect((await table.look(started + 1)).some((row) => row.pid === child.pid)).toBe(false);
});

test('where there is no process list there is no table', () => {
  expect(openProcessTable('/no/such/proc')).toBeNull();
});
