/** The last line of every build that runs, for as long as somebody looks.. */
import type { RunId } from '../shared/protocol/ids.ts';
import { LastLine } from './last_line.ts';
import type { LogTailDeps } from './log_tail.svelte.ts';

/** Of a build that was under way before anybody looked, only so much of its output is asked for. */
const BEFORE_BYTES = 4096;

type BuildTailsDeps = Pick<LogTailDeps, 'watch' | 'size'>;

export class BuildTails {
  #lines = $state.raw<ReadonlyMap<RunId, string>>(new Map());
  readonly #watched = new Map<RunId, () => void>();
  readonly #logs: BuildTailsDeps;
  #looked = false;

  constructor(logs: BuildTailsDeps) {
    this.#logs = logs;
  }

  /** Null when the run is not followed or has said nothing. */
  of(run_id: RunId): string | null {
    return this.#lines.get(run_id) ?? null;
  }

  /** Follows exactly these runs from now on. */
  follow(run_ids: readonly RunId[]): void {
    for (const [run_id, undo] of this.#watched) {
      if (run_ids.includes(run_id)) continue;
      undo();
      this.#watched.delete(run_id);
    }
    for (const run_id of run_ids) {
      if (this.#watched.has(run_id)) continue;
      this.#watched.set(run_id, this.#looked ? this.#watch(run_id, 0) : this.#join(run_id));
    }
    this.#looked = true;
  }

  /** A log that may be long already is not read from its beginning for one line. */
  #join(run_id: RunId): () => void {
    let undo: (() => void) | null = null;
    let left = false;
    const begin = (size: number | null): void => {
      if (!left) undo = this.#watch(run_id, Math.max(0, (size ?? 0) - BEFORE_BYTES));
    };
    // Without an answer the socket gives it from the beginning: slower, and as true.
    this.#logs.size(run_id).then(begin, () => begin(null));
    return () => {
      left = true;
      undo?.();
    };
  }

  #watch(run_id: RunId, from: number): () => void {
    const last = new LastLine();
    let at = from;
    return this.#logs.watch(run_id, {
      offset: () => at,
      chunk: (chunk) => {
        at = (chunk.offset ?? at) + (chunk.bytes ?? 0);
        const said = last.add(chunk.text);
        this.#lines = new Map([...this.#lines, [run_id, said] as const].slice(-this.#watched.size));
      },
      gap: (_from, to) => void (at = to),
      end: () => undefined,
      // The panel is not the place for it: the run's own page says why a log cannot be read.
      failed: () => undefined,
    });
  }
}
