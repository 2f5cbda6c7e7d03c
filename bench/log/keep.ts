/**
 * What it costs to compress a closed log, what it saves, and how long a range of it takes to open: the first bytes, some in the middle, the last; each of
 * them in a log nobody has looked at since the server started.
 *
 * Run: `node bench/log/keep.ts [--mb 1000]`. Ends by itself in about a minute; needs that much room in the temporary folder.
 */
import { createHash } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compressLog } from '../../server/logstore/compress_log.ts';
import { realDisk } from '../../server/logstore/disk.ts';
import { openFrameBytes } from '../../server/logstore/frame_bytes.ts';
import { runPaths } from '../../server/logstore/layout.ts';
import { outputs, tenSecrets } from './outputs.ts';

const RANGE_BYTES = 65_536;
const ROUNDS = 15;

const { values } = parseArgs({ options: { mb: { type: 'string', default: '1000' } } });
const size = Number(values.mb) * 1e6;
const folder = await mkdtemp(join(tmpdir(), 'signalbox-bench-'));
try {
  console.log(`${values.mb} MB of ${outputs(tenSecrets())[1]?.name ?? ''}`);
  const paths = runPaths(folder, 1);
  await mkdir(paths.folder, { recursive: true });
  const sha256 = await write(paths.log);
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const bytes = await compressLog(1, paths, { bytes: size, chunks: 0, sha256 }, { disk: realDisk, goOn: () => undefined });
  delay.disable();
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  console.log(
    `compressed and read back: ${(size / 1e6 / seconds).toFixed(0)} MB/s, ${((user + system) / 1e6).toFixed(1)} s of CPU, event loop delayed by ${(delay.percentile(99) / 1e6).toFixed(1)} ms (p99)`,
  );
  console.log(`${(size / bytes).toFixed(1)} times smaller`);
  for (const [where, at] of [
    ['begin', 0],
    ['middle', Math.floor(size / 2)],
    ['end', size - RANGE_BYTES],
  ] as const) {
    console.log(`open, read 64 KiB at the ${where}, close: ${(await opened(at)).toFixed(2)} ms`);
  }
} finally {
  await rm(folder, { recursive: true });
}

/** @returns the median, ms. Of another frame in each round, so that none is known yet. */
async function opened(at: number): Promise<number> {
  const paths = runPaths(folder, 1);
  const found: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const from = at + (at * 2 < size ? 1 : -1) * round * 262_144;
    const began = performance.now();
    const log = await openFrameBytes({ run_id: 1, path: paths.compressed, frames_path: paths.frames });
    await log.read(from, from + RANGE_BYTES);
    await log.close();
    found.push(performance.now() - began);
  }
  return found.sort((a, b) => a - b)[ROUNDS >> 1] ?? 0;
}

/** Numbers every piece, so that no two are equal. */
async function write(path: string): Promise<string> {
  const data = outputs(tenSecrets())[1]?.data ?? Buffer.alloc(0);
  const hash = createHash('sha256');
  const file = await open(path, 'wx');
  try {
    for (let at = 0; at < size;) {
      const piece = Buffer.concat([Buffer.from(`${createHash('md5').update(String(at)).digest('hex')}\n`), data]).subarray(0, size - at);
      hash.update(piece);
      await file.writeFile(piece);
      at += piece.length;
    }
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}
