/** A log kept in frames. */
import { readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { Failure } from '../failure.ts';
import { cachedFrame } from './frame_cache.ts';
import { framePlaceNow, framePlaces, rawBytesOf, unpackFrame, unpackFrameNow } from './frames.ts';
import type { LogBytes } from './log_bytes.ts';
import { roomFor } from './room_for.ts';

/** What a frame has besides: a head, a checksum. */
const FRAME_MORE_BYTES = 1_024;

interface Place {
  begin: number;
  end: number;
}

export interface FramesPlace {
  run_id: number;
  path: string;
  frames_path: string;
}

/** @throws the file system's error. */
export async function openFrameBytes({ run_id, path, frames_path }: FramesPlace): Promise<LogBytes> {
  const files: FileHandle[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(files.splice(0).map((file) => file.close()));
  };
  try {
    const log = await open(path);
    files.push(log);
    const table = await open(frames_path);
    files.push(table);
    const { mtimeMs, ino } = await log.stat();
    const raw_bytes = await rawBytesOf(table);

    /** Packed, nothing is much longer than it was: a damaged table must not make us reserve memory. */
    function isFrame(place: Place | undefined): place is Place {
      return place !== undefined && place.end > place.begin && place.end - place.begin <= 2 * raw_bytes + FRAME_MORE_BYTES;
    }

    async function unpacked(frame: number): Promise<Buffer> {
      const [place] = await framePlaces(table, frame, frame);
      if (!isFrame(place)) throw damaged(run_id);
      const packed = Buffer.allocUnsafe(place.end - place.begin);
      for (let done = 0; done < packed.length;) {
        const { bytesRead } = await log.read(packed, done, packed.length - done, place.begin + done);
        if (bytesRead === 0) throw damaged(run_id);
        done += bytesRead;
      }
      return await unpackFrame(packed, raw_bytes).catch((cause: unknown) => Promise.reject(damaged(run_id, cause)));
    }

    /** Whoever reads on and on asks for the same frame twice where one question ends and the next begins. */
    let last: { frame: number; data: Buffer } | null = null;
    function unpackedNow(frame: number): Buffer {
      if (last?.frame === frame) return last.data;
      const place = framePlaceNow(table, frame);
      if (!isFrame(place)) throw damaged(run_id);
      const packed = Buffer.allocUnsafe(place.end - place.begin);
      for (let done = 0; done < packed.length;) {
        const read = readSync(log.fd, packed, done, packed.length - done, place.begin + done);
        if (read === 0) throw damaged(run_id);
        done += read;
      }
      try {
        last = { frame, data: unpackFrameNow(packed, raw_bytes) };
      } catch (cause) {
        throw damaged(run_id, cause);
      }
      return last.data;
    }

    /** Bytes [from, to) of one frame. */
    async function part(frame: number, from: number, to: number, keep: boolean): Promise<Buffer> {
      const whole = await (keep ? cachedFrame(`${path} ${ino} ${mtimeMs} ${frame}`, () => unpacked(frame)) : unpacked(frame));
      const begin = frame * raw_bytes;
      if (whole.length < to - begin) throw damaged(run_id);
      return whole.subarray(from - begin, to - begin);
    }

    function* parts(from: number, to: number, keep: boolean): Generator<() => Promise<Buffer>> {
      if (from < to && raw_bytes === 0) throw damaged(run_id);
      for (let at = from; at < to;) {
        const frame = Math.floor(at / raw_bytes);
        const [begin, end] = [at, Math.min(to, (frame + 1) * raw_bytes)];
        yield () => part(frame, begin, end, keep);
        at = end;
      }
    }

    return {
      readNow(from, to, into) {
        const data = roomFor(to - from, into);
        if (from < to && raw_bytes === 0) throw damaged(run_id);
        for (let at = from; at < to;) {
          const frame = Math.floor(at / raw_bytes);
          const end = Math.min(to, (frame + 1) * raw_bytes);
          const whole = unpackedNow(frame);
          const begin = frame * raw_bytes;
          if (whole.length < end - begin) throw damaged(run_id);
          data.set(whole.subarray(at - begin, end - begin), at - from);
          at = end;
        }
        return data;
      },
      async read(from, to) {
        const found = await Promise.all(Array.from(parts(from, to, true), (next) => next()));
        // Never the cached buffer itself: it is everyone's.
        return Buffer.concat(found);
      },
      async *stream(from, to) {
        let ahead: Promise<Buffer> | null = null;
        // The next frame is unpacked while the reader is busy with this one. Not kept: whoever streams goes through all of it once.
        for (const next of parts(from, to, false)) {
          const now: Promise<Buffer> | null = ahead;
          ahead = next();
          ahead.catch(() => undefined);
          if (now !== null) yield await now;
        }
        if (ahead !== null) yield await ahead;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function damaged(run_id: number, cause?: unknown): Failure {
  return new Failure('gone', `The log of run ${run_id} is damaged where it was compressed; a part of it cannot be read.`, { cause });
}
