/**
 * One viewer's view of one run's log, as it grows. The file is the truth and the lane only remembers an offset, so being slow costs nothing
 * and nothing is kept for it. One pull at a time: two would send the same bytes twice.
 */
import { ProjectId } from '../../src/shared/protocol/ids.ts';
import type { Chunk } from '../../src/shared/protocol/events/chunk.ts';
import { instant, type Clock } from '../clock.ts';
import { Failure } from '../failure.ts';
import type { LogChunk, LogMeta, LogStore } from '../logstore/port.ts';
import { CHUNK_PULL_BYTES, LANE_WINDOW_BYTES, LANE_WINDOW_MS } from './limits.ts';
import type { Outbox } from './outbox.ts';

export type Pulled =
  /** All there is so far was sent, or there is no log yet. */
  | 'idle'
  /** The outbox took no more. */
  | 'full'
  /** The log is closed and was sent to its end. */
  | 'end'
  /** This window's share was sent; there is more. */
  | 'paced'
  /** Somebody gave the lane up meanwhile. */
  | 'over';

export interface LaneDeps {
  logs: Pick<LogStore, 'stat' | 'chunks'>;
  outbox: Outbox;
  clock: Clock;
  /** As it goes on the wire; the same chunk is printed once for all its viewers. */
  print: (chunk: Chunk) => Buffer;
}

export class Lane {
  readonly run_id: number;
  /** File offset of the first byte not sent yet. */
  offset: number;
  /** Bytes the log is known to have. */
  known: number;
  /** The log was found complete: no byte comes after `known`. */
  closed = false;
  /** Nothing is sent any more. */
  over = false;
  /** A pull stands in the queue and will see all that has come until then. */
  queued = false;
  readonly #deps: LaneDeps;
  readonly #window = { end: 0, sent: 0 };
  #pulling: Promise<unknown> = Promise.resolve();

  constructor(run_id: number, offset: number, deps: LaneDeps) {
    this.run_id = run_id;
    this.offset = offset;
    this.known = offset;
    this.#deps = deps;
  }

  /** How long the window still lasts in which it was `paced`, in ms. */
  get rest_ms(): number {
    // A clock that was set back must not make it longer.
    return Math.min(this.#window.end - this.#deps.clock.now(), LANE_WINDOW_MS);
  }

  /** Sends what there is while the outbox stays below `limit` bytes. @param paced no more than the share of a window. @throws what the log store throws. */
  pull(limit: number, paced: boolean): Promise<Pulled> {
    const pulled = this.#pulling.then(() => this.#pull(limit, paced));
    this.#pulling = pulled.catch(() => undefined);
    return pulled;
  }

  async #pull(limit: number, paced: boolean): Promise<Pulled> {
    const { logs, outbox } = this.#deps;
    this.queued = false;
    for (;;) {
      // Before the chunks: only a log that was closed before it was read to its end has been read to its end.
      const stat = await logs.stat(this.run_id);
      if (stat === null) return 'idle';
      this.known = Math.max(this.known, stat.bytes);
      this.closed = stat.closed;
      // Where its history began anew, a run of that number is another one: of what the viewer has, nothing may be said.
      if (stat.closed && this.offset > stat.bytes)
        throw new Failure('range_not_satisfiable', `The log of run ${this.run_id} has ${stat.bytes} bytes and ends before ${this.offset}.`);
      // After `known`: whoever cuts the lane off must be able to say what is left out.
      if (!outbox.hasRoom(CHUNK_PULL_BYTES, limit)) return 'full';
      if (paced && this.known > this.offset && this.#shareSent()) return 'paced';
      const chunks = await logs.chunks(this.run_id, this.offset, CHUNK_PULL_BYTES);
      if (this.over) return 'over';
      if (chunks.length === 0) return stat.closed ? 'end' : 'idle';
      if (!this.#send(chunks, stat.meta, limit)) return 'full';
    }
  }

  #shareSent(): boolean {
    const now = this.#deps.clock.now();
    // A clock that was set back begins a new window too.
    if (now >= this.#window.end || now < this.#window.end - LANE_WINDOW_MS)
      Object.assign(this.#window, { end: now + LANE_WINDOW_MS, sent: 0 });
    return this.#window.sent >= LANE_WINDOW_BYTES;
  }

  /** @returns false when the outbox did not take all. */
  #send(chunks: readonly LogChunk[], meta: LogMeta, limit: number): boolean {
    const { outbox, print, clock } = this.#deps;
    for (const chunk of chunks) {
      const frame = print(asEvent(chunk, meta, instant(chunk.at_ms ?? clock.now())));
      if (!outbox.hasRoom(frame.length, limit)) return false;
      outbox.write(frame);
      this.#window.sent += chunk.bytes;
      this.offset = chunk.offset + chunk.bytes;
    }
    return true;
  }
}

const KIND = { build: 'build_log_chunk', gate: 'gate_log_chunk', deploy: 'deploy_log_chunk' } as const;

/** @param at when it was stored, or where that is not known, now. */
function asEvent({ run_id, seq, text, offset, bytes, line }: LogChunk, { project, type }: LogMeta, at: string): Chunk {
  return { kind: KIND[type], at, project: ProjectId.parse(project), run_id, seq, text, offset, bytes, line };
}
