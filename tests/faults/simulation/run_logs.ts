/** Run logs on a simulated disk: bytes in files that survive a crash as far as they were flushed, chunks cut between characters, reads that take time. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { Failure } from '../../../server/failure.ts';
import type { ClosedLog, LogChunk, LogMeta, LogStat, LogStore, RunLog } from '../../../server/logstore/port.ts';
import { feedsIn } from '../../../server/logstore/tally.ts';
import { characterStart, decodeLossy, unfinished } from '../../../server/logstore/utf8_cut.ts';
import type { Owner, Schedule } from './schedule.ts';

const SLOW = 0.15;
const UNTIMED = { first_at: null, last_at: null, longest_pause_ms: 0, kept_until: null, kept_why: '' };

interface File {
  meta: LogMeta;
  /** Flushed. */
  data: Buffer;
  chunks: LogChunk[];
  closed: ClosedLog | null;
}

export interface FilesListener {
  /** A run's log is about to be created. */
  creating(run_id: number): void;
  /** It has one already. */
  twice(run_id: number): void;
}

export class RunFiles {
  readonly #files = new Map<number, File>();
  readonly #schedule: Schedule;
  readonly #listener: FilesListener;

  constructor(schedule: Schedule, listener: FilesListener) {
    this.#schedule = schedule;
    this.#listener = listener;
  }

  /** The bytes of a run's log, empty when it has none. */
  bytesOf(run_id: number): Buffer {
    return this.#files.get(run_id)?.data ?? Buffer.alloc(0);
  }

  /** The store as the life `owner` opens it. */
  open(owner: Owner): LogStore {
    const listeners = new Set<Parameters<LogStore['onChange']>[0]>();
    const files = this.#files;
    const schedule = this.#schedule;
    const changed = (run_id: number, file: File): void => {
      for (const listener of [...listeners]) listener(run_id, { bytes: file.data.length, closed: file.closed !== null });
    };
    const flush = (run_id: number, file: File, data: Buffer): void => {
      if (data.length === 0) return;
      const offset = file.data.length;
      const line = feedsIn(file.data) + 1;
      file.chunks.push({ run_id, seq: file.chunks.length, offset, bytes: data.length, text: decodeLossy(data), line });
      file.data = Buffer.concat([file.data, data]);
      changed(run_id, file);
    };
    const close = (run_id: number, file: File): ClosedLog => {
      file.closed = { bytes: file.data.length, sha256: createHash('sha256').update(file.data).digest('hex') };
      changed(run_id, file);
      return file.closed;
    };
    const create = (meta: LogMeta): RunLog => {
      const { run_id } = meta;
      this.#listener.creating(run_id);
      if (files.has(run_id)) this.#listener.twice(run_id);
      if (files.has(run_id)) throw new Failure('conflict', `run ${run_id} has a log already`);
      const file: File = { meta, data: Buffer.alloc(0), chunks: [], closed: null };
      files.set(run_id, file);
      let held = Buffer.alloc(0);
      let flushing: Promise<void> = Promise.resolve();
      let closing: Promise<ClosedLog> | null = null;
      const flushed = async (): Promise<void> => {
        await schedule.maybe(owner, `log ${run_id}: flush`, SLOW);
        const back = unfinished(held);
        const whole = held.subarray(0, held.length - back);
        held = held.subarray(held.length - back);
        flush(run_id, file, whole);
      };
      return {
        write(data) {
          if (closing !== null) throw new Error(`the log of run ${run_id} is closed`);
          held = Buffer.concat([held, data]);
          flushing = flushing.then(flushed);
        },
        drained: () => flushing,
        close: () =>
          (closing ??= flushing.then(async () => {
            await schedule.maybe(owner, `log ${run_id}: close`, SLOW);
            flush(run_id, file, held);
            return close(run_id, file);
          })),
      };
    };
    return {
      create: async (meta) => {
        await schedule.maybe(owner, `log ${meta.run_id}: create`, SLOW);
        return create(meta);
      },
      masked: (text) => text,
      async stat(run_id): Promise<LogStat | null> {
        const file = files.get(run_id);
        if (file === undefined) return null;
        const { meta, data, chunks, closed } = file;
        const lines = feedsIn(data) + (data.length > 0 && data.at(-1) !== 0x0a ? 1 : 0);
        return { meta, bytes: data.length, lines, chunks: chunks.length, closed: closed !== null, ...(closed ?? {}), ...UNTIMED };
      },
      async chunks(run_id, offset, max_bytes) {
        await schedule.maybe(owner, `log ${run_id}: chunks from ${offset}`, SLOW);
        const found: LogChunk[] = [];
        let bytes = 0;
        for (const chunk of files.get(run_id)?.chunks ?? []) {
          if (chunk.offset + chunk.bytes <= offset) continue;
          const cut = from(chunk, offset, files.get(run_id)?.data ?? Buffer.alloc(0));
          bytes += cut.bytes;
          if (bytes > max_bytes && found.length > 0) break;
          found.push(cut);
        }
        return found;
      },
      bytes: (run_id, begin, end) =>
        Readable.from([Buffer.from(files.get(run_id)?.data.subarray(begin, end) ?? [])], { objectMode: false }),
      // Nothing in the simulation reads a log by lines or in a worker.
      lines: () => Promise.resolve(null),
      place: () => Promise.resolve(null),
      source: () => Promise.resolve(null),
      marks: () => Promise.resolve(null),
      search: () => Readable.from([]),
      hits: () => Promise.resolve(null),
      hitLines: () => Promise.resolve(null),
      onChange(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      highestRunId: () => Math.max(0, ...files.keys()),
      async recover() {
        for (const [run_id, file] of files) if (file.closed === null) close(run_id, file);
      },
      close: () => Promise.resolve(),
    };
  }
}

function from(chunk: LogChunk, offset: number, file: Buffer): LogChunk {
  if (offset <= chunk.offset) return chunk;
  const data = file.subarray(chunk.offset, chunk.offset + chunk.bytes);
  const at = characterStart(data, offset - chunk.offset);
  const rest = data.subarray(at);
  const line = chunk.line + feedsIn(data.subarray(0, at));
  return { ...chunk, offset: chunk.offset + at, bytes: rest.length, text: decodeLossy(rest), line };
}
