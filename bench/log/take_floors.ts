/** What any taker must do, without anything that is ours: the measures beside which `take.ts` sets what the server takes. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fdatasyncSync, openSync, rmSync, write } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openOutputPipe } from '../../server/runner/output_pipe.ts';

const READ_BYTES = 131_072;
const BLOCK_BYTES = 262_144;

export interface Floor {
  s: number;
  /** With the file on the device, as a closed log is. */
  synced_s: number;
}

/** @param script writes `file` in `folder`. */
export function shell(folder: string, script: string): Floor {
  const from = performance.now();
  execFileSync('sh', ['-c', script], { cwd: folder });
  return written(folder, from);
}

function written(folder: string, from: number): Floor {
  const s = (performance.now() - from) / 1000;
  const path = join(folder, 'file');
  const file = openSync(path, 'r+');
  fdatasyncSync(file);
  closeSync(file);
  const synced_s = (performance.now() - from) / 1000;
  rmSync(path);
  return { s, synced_s };
}

const writeAll = promisify(write);

/** A loop in Node that reads the same pipe and writes what it read to a file in large pieces, while the next is read: no mask, index, hash or anything else. */
export async function bareLoop(folder: string): Promise<Floor> {
  const from = performance.now();
  const pipe = await openOutputPipe();
  const child = spawn('sh', ['-c', 'cat big'], { cwd: folder, stdio: ['ignore', pipe.write_fd, pipe.write_fd] });
  await once(child, 'spawn');
  await pipe.closeWriteEnd();
  const file = openSync(join(folder, 'file'), 'w');
  const free: Buffer[] = [];
  const writing = new Set<Promise<unknown>>();
  let block: Buffer = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  let [filled, position] = [0, 0];
  const flush = (): void => {
    const full = block;
    const done = writeAll(file, full, 0, filled, position).finally(() => {
      writing.delete(done);
      free.push(full);
    });
    writing.add(done);
    position += filled;
    block = free.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
    filled = 0;
  };
  const callback = (bytes: number, read: Uint8Array): boolean => {
    for (let at = 0; at < bytes;) {
      const some = Math.min(bytes - at, BLOCK_BYTES - filled);
      block.set(read.subarray(at, at + some), filled);
      at += some;
      filled += some;
      if (filled === BLOCK_BYTES) flush();
    }
    return true;
  };
  const onread = { buffer: Buffer.allocUnsafeSlow(READ_BYTES), callback };
  const reader = new Socket({ fd: pipe.read_fd, readable: true, writable: false, onread });
  reader.resume();
  await once(reader, 'close');
  flush();
  await Promise.all(writing);
  closeSync(file);
  return written(folder, from);
}
