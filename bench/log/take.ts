/**
 * What it costs to take a child's output: the real runner, masker (two secrets), log, index and hash, with and without somebody who watches the log
 * over the real gateway in another process; against `sh -c 'cat big > file'` in the same rounds. A ratio is what the shell took to what we took: 1.00 is as
 * quick. Taken is when the child is gone and all it wrote was read; a log is closed when it is on the device.
 *
 * Run: `node bench/log/take.ts [--mib 256] [--rounds 7]`. Ends by itself in less than two minutes.
 */
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod/mini';
import { systemClock } from '../../server/clock.ts';
import { createRunner } from '../../server/runner/runner.ts';
import { GatewayHouse } from '../../tests/faults/kit/gateway_house.ts';
import { median } from '../../tests/faults/kit/median.ts';
import { removeFolder, tempFolder } from '../record/temp_folder.ts';
import { sampleOutput } from './sample_output.ts';

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

interface Taken extends Bare {
  cpu_s: number;
  /** Of the log's end until the viewer has all. */
  behind_s: number;
}

interface Bare {
  s: number;
  /** With the file on the device, as a closed log is. */
  synced_s: number;
}

function bare(): Bare {
  const from = performance.now();
  execFileSync('sh', ['-c', 'cat big > file'], { cwd: folder });
  const s = (performance.now() - from) / 1000;
  const file = openSync(join(folder, 'file'), 'r+');
  fdatasyncSync(file);
  closeSync(file);
  const synced_s = (performance.now() - from) / 1000;
  rmSync(join(folder, 'file'));
  return { s, synced_s };
}

async function taken(watched: boolean): Promise<Taken> {
  run_id++;
  const viewer = watched ? await viewerOf(run_id) : null;
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
  const { bytes } = await log.close();
  const synced_s = (performance.now() - from) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  if (end.type !== 'exit' || end.code !== 0 || bytes !== size) throw new Error(`not all was taken: ${bytes} of ${size} bytes`);
  await viewer?.all;
  const behind_s = (performance.now() - from) / 1000 - synced_s;
  rmSync(join(folder, 'house', 'logs', 'runs'), { recursive: true });
  return { s, synced_s, cpu_s: (user + system) / 1e6, behind_s };
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

const rounds: { bare: Bare; alone: Taken; watched: Taken }[] = [];
for (let round = 0; round < Number(values.rounds) && performance.now() < LAST_ROUND_MS; round++)
  rounds.push({ bare: bare(), alone: await taken(false), watched: await taken(true) });
await runner.close();
await house.close();
removeFolder(folder);

const rate = (s: number): string => `${(size / MIB / s).toFixed(0)} MiB/s`;
const of = (pick: (round: (typeof rounds)[number]) => number): number => median(rounds.map(pick));
console.log(`${size / MIB} MiB, ${rounds.length} rounds, medians`);
console.log(`cat to a file     ${rate(of((r) => r.bare.s))}; on the device ${rate(of((r) => r.bare.synced_s))}`);
for (const side of ['alone', 'watched'] as const) {
  const ratio = of((r) => r.bare.s / r[side].s).toFixed(2);
  const synced = of((r) => r.bare.synced_s / r[side].synced_s).toFixed(2);
  const cpu = of((r) => r[side].cpu_s).toFixed(2);
  const rates = `${rate(of((r) => r[side].s))}, ${ratio} of that; closed ${rate(of((r) => r[side].synced_s))}, ${synced} of that`;
  console.log(`taken, ${side.padEnd(8)}   ${rates}; ${cpu} s of processor time`);
}
console.log(`the viewer has all ${of((r) => r.watched.behind_s).toFixed(2)} s after it is closed`);
