/** A clock moved by hand, a socket that sends when told, run logs in memory. Only tests import this. */
import type { Clock } from '../clock.ts';
import type { LogChunk, LogMeta, LogStat, LogStore } from '../logstore/port.ts';
import type { SocketPort } from './socket_port.ts';

export class ManualClock implements Clock {
  #now = Date.parse('2026-01-01T00:00:00.000Z');
  readonly #timers = new Set<{ at: number; then: () => void }>();

  now(): number {
    return this.#now;
  }

  wakeAt(at: number, then: () => void): () => void {
    const timer = { at, then };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  get timers(): number {
    return this.#timers.size;
  }

  advance(ms: number): void {
    this.#now += ms;
    for (const timer of this.#timers) {
      if (timer.at > this.#now) continue;
      this.#timers.delete(timer);
      timer.then();
    }
  }
}

/** Holds frames back while `stalled`; `release` lets them go in order. */
export class FakeSocket implements SocketPort {
  readonly frames: string[] = [];
  readonly closed: { code: number; reason: string }[] = [];
  stalled = false;
  #held: { bytes: number; sent: () => void }[] = [];
  mostBuffered = 0;

  get bufferedAmount(): number {
    return this.#held.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  send(frame: Buffer, sent: () => void): void {
    this.frames.push(frame.toString());
    this.#held.push({ bytes: frame.length, sent });
    this.mostBuffered = Math.max(this.mostBuffered, this.bufferedAmount);
    if (!this.stalled) setImmediate(() => this.release(1));
  }

  /** Sends the oldest `count` frames that wait. */
  release(count = Infinity): void {
    for (let i = 0; i < count && this.#held.length > 0; i++) this.#held.shift()?.sent();
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

/** Run logs in memory, cut as they are written. */
export class MemoryLogs implements Pick<LogStore, 'stat' | 'chunks' | 'onChange'> {
  readonly #logs = new Map<number, { stat: LogStat; chunks: LogChunk[] }>();
  readonly #listeners = new Set<(run_id: number, stat: { bytes: number; closed: boolean }) => void>();
  /** Answers of `chunks` wait for it. */
  held: Promise<void> | null = null;
  failing: Error | null = null;
  reads = 0;

  write(run_id: number, text: string, type: LogMeta['type'] = 'gate'): void {
    const log = this.#logs.get(run_id) ?? {
      stat: { meta: { run_id, project: 'hello', type }, bytes: 0, closed: false, chunks: 0 },
      chunks: [],
    };
    const bytes = Buffer.byteLength(text);
    log.chunks.push({ run_id, seq: log.chunks.length, offset: log.stat.bytes, bytes, text });
    log.stat = { ...log.stat, bytes: log.stat.bytes + bytes, chunks: log.chunks.length };
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
