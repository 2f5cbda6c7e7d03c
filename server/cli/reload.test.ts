import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { reload } from './reload.ts';
import { readServerFile, removeServerFile, startOf, writeServerFile } from './server_file.ts';
import type { ServerFile } from './server_file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-reload-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = (changes: Partial<ServerFile> = {}): ServerFile => ({
  pid: process.pid,
  url: 'http://127.0.0.1:1',
  started: startOf(process.pid),
  config: 'x',
  reload: { count: 3, ok: true, message: 'earlier' },
  ...changes,
});
const said: string[] = [];
const shell = { cwd: '/', env: {}, out: (line: string) => void said.push(line), err: () => undefined };

it("removes the server's file only while it is its own", () => {
  writeServerFile(folder, file({ pid: 1 }));
  removeServerFile(folder);
  expect(readServerFile(folder)).toMatchObject({ pid: 1 });
  writeServerFile(folder, file());
  removeServerFile(folder);
  expect(readServerFile(folder)).toBeNull();
});
it('tells what the server answered', async () => {
  writeServerFile(folder, file());
  const kill = vi.fn(() =>
    writeServerFile(folder, file({ reload: { count: 4, ok: true, message: 'Read again; 1 project has changed.' } })),
  );
  await reload(folder, shell, kill);
  expect(kill).toHaveBeenCalledWith(process.pid, 'SIGHUP');
  expect(said).toEqual(['Read again; 1 project has changed.']);
});
it('fails when the server does not take the config', async () => {
  writeServerFile(folder, file());
  const kill = () => writeServerFile(folder, file({ reload: { count: 4, ok: false, message: 'x.yaml:1:1: no' } }));
  await expect(reload(folder, shell, kill)).rejects.toThrow('x.yaml:1:1: no');
});
it('fails when the server ends instead', async () => {
  writeServerFile(folder, file());
  await expect(reload(folder, shell, () => rmSync(join(folder, 'server.json')))).rejects.toThrow('stopped before it answered');
});
it.skipIf(startOf(process.pid) === null)('never signals a stranger that got the pid', async () => {
  writeServerFile(folder, file({ started: '1' }));
  const kill = vi.fn();
  await expect(reload(folder, shell, kill)).rejects.toThrow('No server runs');
  expect(kill).not.toHaveBeenCalled();
});
it('does not signal a process that is gone', async () => {
  const gone = 4_194_303; // the highest there can be; never handed out in practice
  writeServerFile(folder, file({ pid: gone, started: startOf(gone) }));
  const kill = vi.fn();
  await expect(reload(folder, shell, kill)).rejects.toThrow('No server runs');
  expect(kill).not.toHaveBeenCalled();
});
