/** A clock moved by hand, a socket that sends when told, run logs in memory. Only tests import this. */
import type { Clock } from '../clock.ts';
import type { LogChunk, LogMeta, LogStat, LogStore } from '../logstore/port.ts';
import type { SocketPort } from './socket_port.ts';

export class ManualClock implements Clock {
  #now = Date.parse('2026-01-01T00:00:00.000Z');
  #passed = 0;
  readonly #timers = new Set<{ at: number; then: () => void; isSpan: boolean }>();

  now(): number {
    return this.#now;
  }

  steady(): number {
    return this.#passed;
  }

  wakeAt(at: number, then: () => void): () => void {
    return this.#wait(at, then, false);
  }

  after(ms: number, then: () => void): () => void {
    return this.#wait(this.#now + ms, then, true);
  }

  get timers(): number {
    return this.#timers.size;
  }

  advance(ms: number): void {
    this.#now += ms;
    this.#passed += ms;
    for (const timer of this.#timers) {
      if (timer.at > this.#now) continue;
      this.#timers.delete(timer);
      timer.then();
    }
  }

  /** The wall clock is set back: what waits for a span of time waits no longer for it. */
  setBack(ms: number): void {
    this.#now -= ms;
    for (const timer of this.#timers) if (timer.isSpan) timer.at -= ms;
  }

  #wait(at: number, then: () => void, isSpan: boolean): () => void {
    const timer = { at, then, isSpan };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }
}

/** Holds frames back while `stalled`; `release` lets them go in order. */
export class FakeSocket implements SocketPort {
  /** The texts of the frames. */
  readonly frames: string[] = [];
  /** What was written with one call each. */
  readonly writes: Buffer[] = [];
  readonly closed: { code: number; reason: string }[] = [];
  stalled = false;
  progress = 0;
  mostBuffered = 0;
  #held: { bytes: number; then: () => void }[] = [];

  get bufferedAmount(): number {
    return this.#held.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  write(frames: Buffer): void {
    this.writes.push(frames);
    this.frames.push(...textsOf(frames));
    this.#held.push({ bytes: frames.length, then: () => undefined });
    this.mostBuffered = Math.max(this.mostBuffered, this.bufferedAmount);
    if (!this.stalled) setImmediate(() => this.release(1));
  }

  onceWritten(then: () => void): void {
    if (this.#held.length === 0) setImmediate(then);
    else this.#held.push({ bytes: 0, then });
  }

  /** Sends the oldest `count` writes that wait. */
  release(count = Infinity): void {
    for (let left = count; this.#held.length > 0;) {
      const next = this.#held[0];
      if (next === undefined || (next.bytes > 0 && left-- <= 0)) return;
      this.#held.shift();
      this.progress += next.bytes;
      next.then();
    }
  }

  /** Everything that waits goes, and what comes goes at once. */
  flow(): void {
    this.stalled = false;
    this.release();
  }

  close(code: number, reason: string): void {
    this.closed.push({ code, reason });
  }
}

/** The texts of unmasked, unfragmented text frames. */
export function textsOf(frames: Buffer): string[] {
  const texts: string[] = [];
  for (let at = 0; at < frames.length;) {
    if (frames.readUInt8(at) !== 0x81) throw new Error(`no text frame at ${at}`);
    const short = frames.readUInt8(at + 1);
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    const bytes = short < 126 ? short : short === 126 ? frames.readUInt16BE(at + 2) : Number(frames.readBigUInt64BE(at + 2));
    at += head + bytes;
    if (at > frames.length) throw new Error('a frame is not whole');
    texts.push(frames.toString('utf8', at - bytes, at));
  }
  return texts;
}

/** When all output of `MemoryLogs` was stored. */
export const STORED_MS = Date.parse('2026-01-01T00:00:00.123Z');
const UNTIMED = { first_at: null, last_at: null, longest_pause_ms: 0, kept_until: null, kept_why: '' };

/** Run logs in memory, cut as they are written. Only finished lines are counted. */
export class MemoryLogs implements Pick<LogStore, 'stat' | 'chunks' | 'onChange'> {
  readonly #logs = new Map<number, { stat: LogStat; chunks: LogChunk[] }>();
  readonly #listeners = new Set<(run_id: number, stat: { bytes: number; closed: boolean }) => void>();
  /** Answers of `chunks` wait for it. */
  held: Promise<void> | null = null;
  failing: Error | null = null;
  reads = 0;

  write(run_id: number, text: string, type: LogMeta['type'] = 'gate'): void {
    const log = this.#logs.get(run_id) ?? {
      stat: { meta: { run_id, project: 'hello', type }, bytes: 0, lines: 0, closed: false, chunks: 0, ...UNTIMED },
      chunks: [],
    };
    const bytes = Buffer.byteLength(text);
    log.chunks.push({ run_id, seq: log.chunks.length, offset: log.stat.bytes, bytes, text, line: log.stat.lines + 1, at_ms: STORED_MS });
    const lines = log.stat.lines + text.split('\n').length - 1;
    log.stat = { ...log.stat, bytes: log.stat.bytes + bytes, lines, chunks: log.chunks.length };
    this.#logs.set(run_id, log);
    this.#tell(run_id, log.stat);
  }

  close(run_id: number): void {
    const log = this.#logs.get(run_id);
    if (log === undefined) throw new Error(`run ${run_id} has no log`);
    log.stat = { ...log.stat, closed: true };
    this.#tell(run_id, log.stat);
  }

  async stat(run_id: number): Promise<LogStat | null> {
    return this.#logs.get(run_id)?.stat ?? null;
  }

  async chunks(run_id: number, offset: number, max_bytes: number): Promise<LogChunk[]> {
    this.reads++;
    await this.held;
    if (this.failing !== null) throw this.failing;
    const rest = (this.#logs.get(run_id)?.chunks ?? []).filter((chunk) => chunk.offset >= offset);
    let bytes = 0;
    return rest.filter((chunk, i) => (bytes += chunk.bytes) <= max_bytes || i === 0);
  }

  onChange(listener: (run_id: number, stat: { bytes: number; closed: boolean }) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(run_id: number, stat: LogStat): void {
    for (const listener of this.#listeners) listener(run_id, stat);
  }
}
