import { EventEmitter } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { serveUntilStopped } from './running.ts';
import { openServerLog } from './server_log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-running-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

function serving(close: () => Promise<void>, deadlineMs: number) {
  const complained: string[] = [];
  const signals = new EventEmitter();
  const ended = serveUntilStopped({
    app: { url: 'http://127.0.0.1:1', port: 1, firstViewer: Promise.resolve(), reload: () => Promise.resolve({ changes: 0 }), close },
    demo: null,
    config: { file: '/x/signalbox.yaml', hash: '', public_url: null, projects: [] },
    next: 'push',
    dataDir: folder,
    log: openServerLog(folder, 'info', () => undefined),
    shell: { cwd: folder, env: {}, out: () => undefined, err: (line) => void complained.push(line) },
    signals,
    deadlineMs,
  });
  return { ended, signals, complained };
}

it('gives up on an app that does not close', async () => {
  const { ended, signals, complained } = serving(() => new Promise(() => undefined), 20);
  signals.emit('SIGTERM');
  expect(await ended).toBe(1);
  expect(complained.at(-1)).toContain('did not stop within 0.02 s');
  expect(existsSync(join(folder, 'server.json'))).toBe(false);
});

it('goes at once when asked again', async () => {
  const now = vi.spyOn(performance, 'now').mockReturnValue(0);
  const { ended, signals } = serving(() => new Promise(() => undefined), 60_000);
  signals.emit('SIGINT');
  now.mockReturnValue(5000);
  signals.emit('SIGINT');
  expect(await ended).toBe(130);
});
