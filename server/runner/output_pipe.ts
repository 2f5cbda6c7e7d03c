/**
 * The pipe a run writes to. stdout and stderr share it, so that the log has them in the order they were written.
 *
 * Why not `stdio: 'pipe'`: Node makes that a socket, two of them, and a script that says `echo … >/dev/stderr` then fails with
 * "No such device or address". Node cannot make a pipe, so a FIFO is made, opened at both ends and unlinked.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { close, constants, open, unlink } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const openFile = promisify(open);
const closeFile = promisify(close);
const unlinkFile = promisify(unlink);

export interface OutputPipe {
  /** For both stdout and stderr of the child. */
  write_fd: number;
  /** Ours must be closed once the child has its own, or the end is never seen. */
  closeWriteEnd(): Promise<void>;
  read_fd: number;
  closeReadEnd(): Promise<void>;
}

/** @throws when no pipe can be made (no room, no file handles left). */
export async function openOutputPipe(): Promise<OutputPipe> {
  const path = join(tmpdir(), `signalbox-${randomUUID()}`);
  await makeFifo(path);
  try {
    // In this order and non-blocking: opening a FIFO for writing waits for a reader.
    const read_fd = await openFile(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const closeReadEnd = (): Promise<void> => closeFile(read_fd);
    try {
      const write_fd = await openFile(path, constants.O_WRONLY);
      return { write_fd, closeWriteEnd: () => closeFile(write_fd), read_fd, closeReadEnd };
    } catch (error) {
      await closeReadEnd();
      throw error;
    }
  } finally {
    await unlinkFile(path);
  }
}

async function makeFifo(path: string): Promise<void> {
  try {
    await run('mkfifo', ['-m', '600', path]);
  } catch (error) {
    // A missing mkfifo must not read like a missing shell, and a number is only its exit code: here its own words say more.
    if (error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code !== 'ENOENT') throw error;
    throw new Error(`no pipe for its output could be made (${error instanceof Error ? error.message.trim() : String(error)})`, {
      cause: error,
    });
  }
}
