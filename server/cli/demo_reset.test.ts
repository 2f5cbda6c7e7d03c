import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { addDemoCommands } from './demo_commands.ts';
import { prepareDemo } from './demo.ts';
import { nodeRuns, reviveNode } from './demo_nodes.ts';
import { demoPlaces } from './demo_places.ts';
import { demoReset } from './demo_reset.ts';
import { startOf, writeServerFile } from './server_file.ts';

let data: string;
let folder: string;
let said: string[];
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'signalbox-reset-'));
  folder = join(data, 'demo');
  said = [];
});
afterEach(() => rm(data, { recursive: true, force: true, maxRetries: 3 }));

const out = (line: string): void => void said.push(line);
const reset = (dataDir = join(folder, '.signalbox')): Promise<void> => demoReset({ folder, dataDir, out });

async function runningServer(dataDir: string): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  const reload = { count: 0, ok: true, message: '' };
  writeServerFile(dataDir, { pid: process.pid, url: 'http://127.0.0.1:7766', started: startOf(process.pid), config: '', reload });
}

describe('a reset', () => {
  test('ends the services and removes the folder, nothing beside it', async () => {
    await prepareDemo({ folder, log: out });
    const root = demoPlaces(folder).node('prod-1');
    await mkdir(join(root, 'releases', '1.0.0', 'dist'), { recursive: true });
    await writeFile(join(root, 'releases', '1.0.0', 'dist', 'server.js'), 'setInterval(() => {}, 1000);');
    await symlink('releases/1.0.0', join(root, 'current'));
    await reviveNode(root, { id: 'prod-1', tier: 'production' });
    expect(await nodeRuns(root)).toBe(true);
    const pid = (await readFile(join(root, 'service.pid'), 'utf8')).split(' ')[0];
    await writeFile(join(data, 'beside.txt'), '');

    await reset();
    // Gone, or a zombie where nobody collects it.
    expect(await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => 'gone')).toMatch(/^gone$|\) Z /);
    expect(existsSync(folder)).toBe(false);
    expect(existsSync(join(data, 'beside.txt'))).toBe(true);
    expect(said).toEqual([`Removed ${folder}. \`npm start\` makes it again.`]);
    await reset();
    expect(said.at(-1)).toBe(`There is no example in ${folder}.`);
  });

  test('is refused while the server runs', async () => {
    await prepareDemo({ folder, log: out });
    await runningServer(join(folder, '.signalbox'));
    await expect(reset()).rejects.toThrow(`The server runs (process ${process.pid}, http://127.0.0.1:7766). Stop it with Ctrl-C`);
    expect(existsSync(folder)).toBe(true);
  });

  test('is refused for a folder that is not the example', async () => {
    await mkdir(folder);
    await writeFile(join(folder, 'thesis.txt'), 'ten years');
    await expect(reset()).rejects.toThrow('was not made by the example');
    expect(existsSync(join(folder, 'thesis.txt'))).toBe(true);
  });

  test('says what stays when the history is kept elsewhere', async () => {
    await prepareDemo({ folder, log: out });
    await reset(data);
    expect(said.at(-1)).toContain(`What the server has recorded stays in ${data}`);
  });
});

describe('the commands', () => {
  const run = async (...argv: string[]): Promise<void> => {
    const program = new Command('signalbox').exitOverride().configureOutput({ writeErr: out });
    addDemoCommands(program, { cwd: data, env: {}, out, err: out });
    await program.parseAsync(argv, { from: 'user' });
  };

  test('push and reset work on the example of the named data folder', async () => {
    await prepareDemo({ folder, log: out });
    await run('demo', 'push', '--break', 'tests', '--data', data);
    expect(said.join('\n')).toMatch(/Committed [0-9a-f]{7}, version 1\.0\.1: Escape less\nPushed to .*\nunit_tests of host will fail/);
    await runningServer(data);
    await expect(run('demo', 'reset', '--data', data)).rejects.toThrow('The server runs');
    await rm(join(data, 'server.json'));
    await run('demo', 'reset', '--data', data);
    expect(existsSync(folder)).toBe(false);
  });

  test('a mistake that does not exist is refused', async () => {
    await expect(run('demo', 'push', '--break', 'everything')).rejects.toThrow('Allowed choices are tests, build, health');
  });
});
