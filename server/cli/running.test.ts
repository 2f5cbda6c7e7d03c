import { EventEmitter } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
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

type Start = Parameters<typeof serveUntilStopped>[0]['start'];
const APP = { url: 'http://127.0.0.1:1', port: 1, firstViewer: Promise.resolve(), reload: () => Promise.resolve({ changes: 0 }) };

function serving(close: () => Promise<void>, deadlineMs: number, start: Start = () => Promise.resolve({ ...APP, close })) {
  const said: string[] = [];
  const complained: string[] = [];
  const signals = new EventEmitter();
  const ended = serveUntilStopped({
    start,
    demo: null,
    config: { file: '/x/signalbox.yaml', hash: '', public_url: null, projects: [] },
    next: 'push',
    dataDir: folder,
    log: openServerLog(folder, 'info', () => undefined),
    shell: { cwd: folder, env: {}, out: (line) => void said.push(line), err: (line) => void complained.push(line) },
    signals,
    deadlineMs,
  });
  return { ended, signals, complained, said };
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

describe('while it is starting', () => {
  /** Reads until it is told to stop, as the app does. */
  const reading: Start = ({ signal }) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }));

  it('stops when asked, cleanly', async () => {
    const { ended, signals, said, complained } = serving(() => Promise.resolve(), 60_000, reading);
    signals.emit('SIGTERM');
    expect(await ended).toBe(0);
    expect(said).toEqual(['Stopping…', 'Stopped.']);
    expect(complained).toEqual([]);
    expect(signals.eventNames()).toEqual([]);
  });

  it('closes a server that had just become ready', async () => {
    const close = vi.fn(() => Promise.resolve());
    const { ended, signals } = serving(
      close,
      60_000,
      ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve({ ...APP, close }), { once: true })),
    );
    signals.emit('SIGTERM');
    expect(await ended).toBe(0);
    expect(close).toHaveBeenCalledTimes(1);
  });

  it('gives up on a start that does not stop, and goes at once when asked again', async () => {
    const never: Start = () => new Promise(() => undefined);
    const late = serving(() => Promise.resolve(), 20, never);
    late.signals.emit('SIGTERM');
    expect(await late.ended).toBe(1);
    const now = vi.spyOn(performance, 'now').mockReturnValue(0);
    const { ended, signals } = serving(() => Promise.resolve(), 60_000, never);
    signals.emit('SIGINT');
    now.mockReturnValue(5000);
    signals.emit('SIGINT');
    expect(await ended).toBe(130);
  });

  it('leaves no server.json, no welcome and no ears when it fails', async () => {
    const { ended, signals, said } = serving(
      () => Promise.resolve(),
      60_000,
      () => Promise.reject(new Error('no room')),
    );
    await expect(ended).rejects.toThrow('no room');
    expect(said).toEqual([]);
    expect(existsSync(join(folder, 'server.json'))).toBe(false);
    expect(signals.eventNames()).toEqual([]);
  });

  it('does not die of a SIGHUP', async () => {
    const { ended, signals, said } = serving(() => Promise.resolve(), 60_000, reading);
    signals.emit('SIGHUP');
    expect(said).toEqual([expect.stringContaining('still starting') as string]);
    signals.emit('SIGTERM');
    expect(await ended).toBe(0);
  });
});
