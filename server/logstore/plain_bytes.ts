/** A log kept as it was written. */
import { readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { Failure } from '../failure.ts';
import type { LogBytes } from './log_bytes.ts';
import { roomFor } from './room_for.ts';

const STREAM_READ_BYTES = 65_536;

/** @throws the file system's error. */
export async function openPlainBytes(path: string, run_id: number): Promise<LogBytes> {
  const file = await open(path);
  const read: LogBytes['read'] = (from, to, into) => readExactly(file, run_id, { from, to }, into);
  let closing: Promise<void> | null = null;
  return {
    read,
    readNow: (from, to, into) => readExactlyNow(file.fd, run_id, { from, to }, into),
    async *stream(from, to) {
      for (let at = from; at < to; at += STREAM_READ_BYTES) yield await read(at, Math.min(at + STREAM_READ_BYTES, to));
    },
    close: () => (closing ??= file.close()),
  };
}

type Range = { from: number; to: number };

async function readExactly(file: FileHandle, run_id: number, { from, to }: Range, into?: Buffer): Promise<Buffer> {
  const data = roomFor(to - from, into);
  for (let done = 0; done < data.length;) {
    const { bytesRead } = await file.read(data, done, data.length - done, from + done);
    if (bytesRead === 0) throw tooShort(run_id);
    done += bytesRead;
  }
  return data;
}

function readExactlyNow(fd: number, run_id: number, { from, to }: Range, into?: Buffer): Buffer {
  const data = roomFor(to - from, into);
  for (let done = 0; done < data.length;) {
    const read = readSync(fd, data, done, data.length - done, from + done);
    if (read === 0) throw tooShort(run_id);
    done += read;
  }
  return data;
}

function tooShort(run_id: number): Failure {
  return new Failure('gone', `The log of run ${run_id} is shorter than it was when it was written; its end is gone.`);
}
