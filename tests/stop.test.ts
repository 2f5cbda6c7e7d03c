/** A server that is told to stop, at any moment: intake ends, viewers are told, children are ended, and it is gone in time. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { systemClock } from '../server/clock.ts';
import { STOP_DEADLINE_MS } from '../server/cli/running.ts';
import { loadConfig } from '../server/config/load.ts';
import { openSqliteEventLog } from '../server/eventlog/sqlite.ts';
import { systemRandom } from '../server/uuid.ts';
import { LongHistory } from './faults/boot/long_history.ts';
import { ServerProcess } from './faults/kit/server_process.ts';
import { freePort, Line } from './support/line.ts';

const DEADLINE_MS = 90_000;
/** Enough to be met in the middle of it. */
const LONG_EVENTS = 60_000;

let undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo) await step();
  undo = [];
}, DEADLINE_MS);

async function line(change: (yaml: string) => string = (yaml) => yaml): Promise<Line> {
  const made = await Line.make();
  undo.unshift(() => made.remove());
  await writeFile(made.config, change(await readFile(made.config, 'utf8')));
  return made;
}

function spawned(over: Line, port: number): ServerProcess {
  const server = ServerProcess.spawn(over, port);
  undo.unshift(() => server.kill());
  return server;
}

/** A run that ignores TERM, so that only KILL ends it. @returns its pid. */
async function withStubbornRun(over: Line, server: ServerProcess): Promise<number> {
  await over.push();
  return vi.waitFor(
    async () => {
      const log = await fetch(`${server.url}/api/v1/runs/2/log`, { headers: { range: 'bytes=-40' } });
      const pid = Number(/pid (\d+)!/.exec(await log.text())?.[1]);
      expect(pid).toBeGreaterThan(0);
      return pid;
    },
    { timeout: 40_000, interval: 50 },
  );
}
const SCRIPT = "trap '' TERM; head -c 30000000 /dev/zero | tr '\\\\0' x; echo; echo pid $$!; while :; do sleep 1; done";
const stubborn = (yaml: string): string => yaml.replace('run: sh -e test.sh', () => `run: "${SCRIPT}"`);

async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ' Z ');
  return !/ Z /.test(stat);
}

test(
  'while it reads history: it says how far it is, no second server starts, and a signal ends it cleanly',
  async () => {
    const over = await line();
    const log = await openSqliteEventLog({ folder: over.data, clock: systemClock, random: systemRandom });
    await new LongHistory(1).begin(log, loadConfig(over.config, process.env), LONG_EVENTS, Date.now());
    await log.close();
    const port = await freePort();
    const server = spawned(over, port);
    const reading = async (): Promise<void> => {
      const answer = (await (await fetch(`${server.url}/readyz`)).json()) as { code: string; detail: string; progress: { done: number } };
      expect(answer).toMatchObject({
        code: 'starting',
        detail: expect.stringMatching(/^Reading history: [\d,]+ of [\d,]+ events\.$/) as string,
      });
      expect(answer.progress.done).toBeGreaterThan(0);
    };
    await vi.waitFor(reading, { timeout: 20_000, interval: 5 });
    expect(existsSync(join(over.data, 'server.json'))).toBe(false);
    const second = spawned(over, await freePort());
    server.signal('SIGSTOP');
    expect((await second.gone).code).toBe(1);
    server.signal('SIGCONT');
    expect(second.printed).toMatch(/^Another Signalbox uses the data folder .* Stop it, or name another folder with --data\.\n$/);
    server.signal('SIGTERM');
    expect(await server.gone).toEqual({ code: 0, signal: null });
    expect(server.printed).toContain('Stopping…\nStopped.\n');
    expect(server.printed).not.toContain('is at http');
  },
  DEADLINE_MS,
);

test(
  'with viewers, a client that never reads and a script that ignores TERM: told 1001, ended, settled at the next start',
  async () => {
    const over = await line(stubborn);
    const port = await freePort();
    const server = spawned(over, port);
    await server.ready();
    const pid = await withStubbornRun(over, server);
    const viewer = new WebSocket(`${server.url.replace('http', 'ws')}/events`);
    await once(viewer, 'open');
    const told = once(viewer, 'close') as Promise<[number]>;
    const reader = connect(port, '127.0.0.1').on('error', () => undefined);
    undo.unshift(() => reader.destroy());
    reader.write(`GET /api/v1/runs/2/log HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`);
    await once(reader, 'readable');

    const began = performance.now();
    server.signal('SIGTERM');
    expect((await told)[0]).toBe(1001);
    expect(await server.gone).toEqual({ code: 0, signal: null });
    expect(performance.now() - began).toBeLessThan(STOP_DEADLINE_MS);
    expect(await isAlive(pid)).toBe(false);

    const next = spawned(over, port);
    await next.ready();
    const { items } = (await next.json('/api/v1/events?after=0&limit=100&kind=gate_done')) as { items: { outcome: unknown }[] };
    expect(items).toMatchObject([{ outcome: { status: 'failed', classification: { type: 'interrupted' } } }]);
  },
  DEADLINE_MS,
);

test(
  'asked again while it stops, it goes at once; what it left is ended by the next start',
  async () => {
    const over = await line(stubborn);
    const port = await freePort();
    const server = spawned(over, port);
    await server.ready();
    const pid = await withStubbornRun(over, server);
    // A repeat within a second is the same wish, so it is repeated until it is heard.
    const repeat = setInterval(() => server.signal('SIGTERM'), 100);
    undo.unshift(() => clearInterval(repeat));
    const { code, signal } = await server.gone;
    // A third one may meet a process that listens no more.
    expect(signal ?? code).toSatisfy((how) => how === 130 || how === 'SIGTERM');
    expect(server.printed).not.toContain('Stopped.');
    expect(await isAlive(pid)).toBe(true);
    await spawned(over, port).ready();
    await vi.waitFor(async () => expect(await isAlive(pid)).toBe(false), { timeout: 15_000, interval: 50 });
  },
  DEADLINE_MS,
);
