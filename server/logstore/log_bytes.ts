/**
 * The bytes of a log, in whatever form they are kept: a second form is a second implementation, chosen in `openLogBytes`, and no reader
 * knows the difference. Offsets are always those of the log as it was written. Needs nothing but a `LogSource`, so that a worker thread opens it too.
 */
import { dirname, join } from 'node:path';
import { isCode, isThere } from './disk.ts';
import { openFrameBytes } from './frame_bytes.ts';
import { openPlainBytes } from './plain_bytes.ts';
import type { LogSource } from './port.ts';
import { whyGone } from './why_gone.ts';

export interface LogBytes {
  /** Bytes [from, to), all of them. @param into memory that may be used for them: whoever reads on and on spares itself as many new buffers. @throws Failure `gone` when the log is shorter than its record says. */
  read(from: number, to: number, into?: Buffer): Promise<Buffer>;
  /** As `read`, but the thread stands still until they are here: a tenth of the time, for a worker thread that reads all of a log, and half of it where they are unpacked. */
  readNow(from: number, to: number, into?: Buffer): Buffer;
  /** Bytes [from, to) in pieces, each a buffer of its own. @throws as `read`. */
  stream(from: number, to: number): AsyncGenerator<Buffer>;
  /** Idempotent. */
  close(): Promise<void>;
}

/** The caller closes it. @throws Failure `log_deleted`, `gone`; the file system's error. */
export async function openLogBytes(source: LogSource): Promise<LogBytes> {
  try {
    return await openAsKept(source);
  } catch (error) {
    throw await whyGone(source, error);
  }
}

async function openAsKept(source: LogSource): Promise<LogBytes> {
  const { run_id } = source;
  switch (source.type) {
    case 'frames':
      return await openFrameBytes(source);
    case 'plain':
      try {
        return await openPlainBytes(source.path, run_id);
      } catch (error) {
        if (!source.closed || !isCode(error, 'ENOENT')) throw error;
        // Compressed since it was asked where the log lies.
        const frames = { run_id, path: join(dirname(source.path), 'log.zst'), frames_path: join(dirname(source.path), 'frames') };
        if (!(await isThere(frames.frames_path))) throw error;
        return await openFrameBytes(frames);
      }
    default:
      return source satisfies never;
  }
}

/** Opens, uses and closes. */
export async function withLogBytes<T>(source: LogSource, use: (bytes: LogBytes) => Promise<T>): Promise<T> {
  const bytes = await openLogBytes(source);
  try {
    return await use(bytes);
  } finally {
    await bytes.close();
  }
}
