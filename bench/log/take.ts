/**
 * What it costs to take a child's output: the real runner, masker (two secrets), log, index and hash, with and without somebody who watches the log
 * over the real gateway in another process; against `sh -c 'cat big > file'` in the same rounds. A ratio is what the shell took to what we took: 1.00 is as
 * quick. Taken is when the child is gone and all it wrote was read; a log is closed when it is on the device. How late the event loop was meanwhile is
 * what everybody else waits for while a child floods: 99 % of what a timer of 1 ms measured.
 *
 * Whoever takes a child's output takes it through a pipe, so two floors are measured beside it: `cat big | cat > file`, and a loop in Node that reads the
 * same pipe and writes a file, and does nothing else.
 *
 * Run: `node bench/log/take.ts [--mib 256] [--rounds 7]`. Ends by itself in less than two minutes.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import * as z from 'zod/mini';
import { systemClock } from '../../server/clock.ts';
import { createRunner } from '../../server/runner/runner.ts';
import { GatewayHouse } from '../../tests/faults/kit/gateway_house.ts';
import { median } from '../../tests/faults/kit/median.ts';
import { removeFolder, tempFolder } from '../record/temp_folder.ts';
import { sampleOutput } from './sample_output.ts';
import { bareLoop, shell, type Floor } from './take_floors.ts';

const MIB = 1_048_576;
const SEED = 20_261_128;
const SECRETS = ['a-token-that-is-not-there', '-----BEGIN KEY-----\nMIIBOgIBAAJBAK8Q\nq9cFbJx0m5cI2Y4d\n-----END KEY-----'];
const LAST_ROUND_MS = 90_000;

const { values } = parseArgs({ options: { mib: { type: 'string', default: '256' }, rounds: { type: 'string', default: '7' } } });
const size = Number(values.mib) * MIB;
const folder = tempFolder();
const big = join(folder, 'big');
const out = openSync(big, 'w');
for (const piece of sampleOutput({ bytes: size }, SEED)) writeSync(out, piece);
closeSync(out);

const house = await GatewayHouse.open({ folder: join(folder, 'house') });
const runner = createRunner({ clock: systemClock, report: (what) => void console.error(what), folder, env: process.env });
let run_id = 0;

interface Taken extends Floor {
  cpu_s: number;
  /** Of the log's end until the viewer has all. */
  behind_s: number;
  late_ms: number;
}

async function taken(watched: boolean): Promise<Taken> {
  run_id++;
  const viewer = watched ? await viewerOf(run_id) : null;
  const late = monitorEventLoopDelay({ resolution: 1 });
  late.enable();
  const [from, cpu] = [performance.now(), process.cpuUsage()];
  const log = await house.logs.create({ run_id, project: 'hello', type: 'gate' }, SECRETS);
  const { end } = await runner.spawn({
    ...{ name: 'cat', script: 'cat big', cwd: folder, env: {}, timeout_ms: 60_000, signal: new AbortController().signal },
    output(data) {
      log.write(data);
      return log.drained();
    },
  });
  const s = (performance.now() - from) / 1000;
  late.disable();
  const { bytes } = await log.close();
  const synced_s = (performance.now() - from) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  if (end.type !== 'exit' || end.code !== 0 || bytes !== size) throw new Error(`not all was taken: ${bytes} of ${size} bytes`);
  await viewer?.all;
  const behind_s = (performance.now() - from) / 1000 - synced_s;
  rmSync(join(folder, 'house', 'logs', 'runs'), { recursive: true });
  return { s, synced_s, cpu_s: (user + system) / 1e6, behind_s, late_ms: late.percentile(99) / 1e6 };
}

const Told = z.looseObject({ type: z.string() });

/** Resolves when it watches; `all` when it has all. */
async function viewerOf(run: number): Promise<{ all: Promise<unknown> }> {
  const child = fork(join(import.meta.dirname, 'take_viewer.ts'), [String(house.port), String(run)]);
  const gone = once(child, 'exit');
  const [first] = (await once(child, 'message')) as unknown[];
  if (Told.parse(first).type !== 'ready') throw new Error('the viewer does not watch');
  return { all: gone };
}

const SIDES = ['file', 'pipe', 'loop', 'alone', 'watched'] as const;
const rounds: (Record<'file' | 'pipe' | 'loop', Floor> & Record<'alone' | 'watched', Taken>)[] = [];
for (let round = 0; round < Number(values.rounds) && performance.now() < LAST_ROUND_MS; round++)
  rounds.push({
    file: shell(folder, 'cat big > file'),
    pipe: shell(folder, 'cat big | cat > file'),
    loop: await bareLoop(folder),
    alone: await taken(false),
    watched: await taken(true),
  });
await runner.close();
await house.close();
removeFolder(folder);

const rate = (s: number): string => `${(size / MIB / s).toFixed(0)} MiB/s`;
const of = (pick: (round: (typeof rounds)[number]) => number): number => median(rounds.map(pick));
console.log(`${size / MIB} MiB, ${rounds.length} rounds, medians`);
const NAMES = {
  file: 'cat to a file',
  pipe: 'cat | cat to a file',
  loop: 'a bare loop in Node',
  alone: 'taken, alone',
  watched: 'taken, watched',
};
for (const side of SIDES) {
  const ratio = of((r) => r.file.s / r[side].s).toFixed(2);
  const synced = of((r) => r.file.synced_s / r[side].synced_s).toFixed(2);
  const rates = `${rate(of((r) => r[side].s))}, ${ratio}; on the device ${rate(of((r) => r[side].synced_s))}, ${synced}`;
  console.log(`${NAMES[side].padEnd(20)} ${rates}`);
}
for (const side of ['alone', 'watched'] as const) {
  const [cpu, late] = [of((r) => r[side].cpu_s), of((r) => r[side].late_ms)];
  const pipe = of((r) => r.pipe.s / r[side].s).toFixed(2);
  console.log(`taken, ${side}: ${pipe} of cat | cat; ${cpu.toFixed(2)} s of processor time; event loop late p99 ${late.toFixed(1)} ms`);
}
console.log(`the viewer has all ${of((r) => r.watched.behind_s).toFixed(2)} s after it is closed`);
