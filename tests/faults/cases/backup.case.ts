/**
 * A backup taken beside a server that is being used, restored next to it: what comes back is a beginning of the live history, goes on as another
 * one, and the nodes obey it and no longer the server it came from.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Envelope } from '../../../src/shared/protocol/envelope.ts';
import { freePort, Line } from '../../support/line.ts';
import type { FaultCase, Found } from '../kit/case.ts';
import { ROOT } from '../kit/cases.ts';
import { ServerProcess } from '../kit/server_process.ts';

const run = promisify(execFile);
const WAIT_MS = 30_000;

export const faultCase: FaultCase = {
  name: 'a backup taken beside a live server comes back whole, as another history, and fences hold',
  quick: null,
  long: 10,
  red_runs: 1,
  guards: [
    {
      name: 'the generation of its own',
      file: 'server/archive/restore.ts',
      find: 'atLeastGeneration: now_ms',
      replace: 'atLeastGeneration: 0',
    },
    { name: 'the fence of a node', file: 'server/deploy/fence.ts', find: 'if (later > 0 ||', replace: 'if (' },
    {
      name: 'the list of hashes',
      file: 'server/archive/restore.ts',
      find: 'if (!isDeepStrictEqual(copied, meant))',
      replace: 'if (meant === null)',
    },
  ],
  async run({ runs }) {
    const violations: string[] = [];
    let events = 0;
    for (let i = 0; i < runs; i++) {
      const line = await Line.make();
      const servers: ServerProcess[] = [];
      try {
        events += await oneBackup(line, servers, (what) => violations.push(`run ${i}: ${what}`));
      } finally {
        for (const server of servers) await server.kill();
        await line.remove();
      }
    }
    return { runs, violations, figure: `${events} events recorded while the backups were taken` } satisfies Found;
  },
};

async function oneBackup(line: Line, servers: ServerProcess[], violated: (what: string) => void): Promise<number> {
  const live = await ServerProcess.start(line, await freePort());
  servers.push(live);
  await line.push({ version: '1.0.0' });
  const blocked = await eventually(live, (all) =>
    all.find((each) => each.kind === 'gate_done' && field(each, 'gate') === 'manual_confirm'),
  );
  const version = field(blocked, 'version');

  // Refused commands are events too, and cheap: the log grows while it is copied.
  const copied = new AbortController();
  const before = (await eventsOf(live)).length;
  const load = (async () => {
    while (!copied.signal.aborted) await command(live, 'rollback/production');
  })();
  const backup = join(line.folder, 'backup');
  if ((await signalbox(line, 'backup', backup)) !== 0) violated('the backup was not taken');
  copied.abort();
  await load;
  const during = (await eventsOf(live)).length - before;
  if ((await signalbox(line, 'verify')) !== 0) violated('the live log does not verify');

  const [first, second] = [join(line.folder, 'restored'), join(line.folder, 'again')];
  for (const data of [first, second])
    if ((await signalbox(line, 'restore', backup, '--data', data)) !== 0) violated('the backup could not be restored');
  const damaged = join(line.folder, 'damaged');
  await cp(backup, damaged, { recursive: true });
  appendFileSync(join(damaged, 'logs/runs/0/1/log'), 'one more line\n');
  const refused = join(line.folder, 'refused');
  if ((await signalbox(line, 'restore', damaged, '--data', refused)) === 0 || existsSync(refused))
    violated('a damaged backup was restored');

  const restored = await ServerProcess.start(line, await freePort(), { data: first });
  const twin = await ServerProcess.start(line, await freePort(), { data: second });
  servers.push(restored, twin);
  const [epoch, of_restored, of_twin] = await Promise.all([live, restored, twin].map(epochOf));
  const generations = [epoch, of_restored, of_twin].map((each) => Number.parseInt(String(each), 10));
  if (generations.some((each, index) => index > 0 && each <= (generations[index - 1] ?? 0)))
    violated(`generations do not rise: ${generations.join(', ')}`);
  await twin.kill();

  const history = await eventsOf(live);
  const back = await eventsOf(restored);
  const gap = back.findIndex(({ kind }) => kind === 'history_gap');
  if (gap < before) violated(`the restored log tells of its gap at ${gap}, after ${before} events were recorded`);
  for (const [index, { id }] of back.slice(0, Math.max(gap, 0)).entries())
    if (history[index]?.id !== id) violated(`event ${index + 1} of the restored log is not that of the live one`);

  // The restored server goes on first; then the one it came from is a server of the past.
  await command(restored, 'confirm/staging');
  await eventually(restored, (all) => all.find((each) => each.kind === 'promote_complete' && field(each, 'tier') === 'production'));
  await command(live, 'confirm/staging');
  const ended = await eventually(live, (all) =>
    all.find((each) => (each.kind === 'deploy_failed' || each.kind === 'deploy_ok') && field(each, 'node') === 'prod-1'),
  );
  if (ended.kind !== 'deploy_failed' || !field(ended, 'failure').includes('fenced'))
    violated(`the earlier server deployed ${version} to prod-1 although the node was given a later deploy: ${ended.kind}`);
  return during;
}

/** As text; '' when the event has no such field. */
function field(envelope: Envelope, name: string): string {
  const value = (envelope as unknown as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : JSON.stringify(value ?? '');
}

/** @returns the exit code. */
async function signalbox(line: Line, ...args: string[]): Promise<number> {
  const argv = [join(ROOT, 'server/main.ts'), ...args, '--config', line.config, ...(args.includes('--data') ? [] : ['--data', line.data])];
  try {
    await run(process.execPath, argv, { cwd: line.folder });
    return 0;
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'number') return error.code;
    throw error;
  }
}

async function command(server: ServerProcess, path: string): Promise<void> {
  const answer = await fetch(`${server.url}/api/v1/projects/app/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID(), 'x-signalbox-actor': 'local:Ana' },
    body: '{}',
  });
  await answer.arrayBuffer();
}

async function epochOf(server: ServerProcess): Promise<string> {
  return ((await server.json('/api/v1/events?after=0&limit=1')) as { epoch: string }).epoch;
}

async function eventsOf(server: ServerProcess): Promise<Envelope[]> {
  const all: Envelope[] = [];
  for (;;) {
    const { items, upto, head } = (await server.json(`/api/v1/events?after=${all.at(-1)?.seq_no ?? 0}&limit=1000`)) as {
      items: Envelope[];
      upto: number;
      head: number;
    };
    all.push(...items);
    if (upto >= head) return all;
  }
}

async function eventually(server: ServerProcess, find: (all: Envelope[]) => Envelope | undefined): Promise<Envelope> {
  const deadline = performance.now() + WAIT_MS;
  for (;;) {
    const found = find(await eventsOf(server));
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`waited ${WAIT_MS} ms in vain for an event`);
  }
}
