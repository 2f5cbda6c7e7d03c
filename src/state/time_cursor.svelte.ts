/**
 * One time for the logs that stand side by side: where the reader scrolls one of them, the others go to the same time. Only the log the reader last touched
 * drives; what the others do because of it drives nothing, else two logs whose lines have different times would push each other along for ever. Times go out
 * at once and then once in `MOVE_INTERVAL_MS`, the last always; a log that is slow to find its line is asked for the newest time only. A log the
 * reader takes over is left alone from that moment, also by what was under way to it.
 */

/** A log as far as the cursor moves it. */
export interface TimedLog {
  /** The first line stored at a time (ms since the epoch) or later, the last where there is none; null when it cannot be told. Never rejects. */
  lineAt(at: number): Promise<number | null>;
  /** Puts a line first in view. */
  show(n: number): void;
}

export interface CursorTimer {
  /** ms, monotonic. */
  now(): number;
  /** @returns its undo. */
  after(ms: number, run: () => void): () => void;
}

export interface CursorTime {
  /** The run that drives. */
  run_id: number;
  /** ms since the epoch. */
  at: number;
}

export const MOVE_INTERVAL_MS = 100;

interface Seat {
  log: TimedLog;
  /** Where it is to go next. */
  wanted: number | null;
  asking: boolean;
  /** Whose answers count: a change drops what is under way. */
  turn: number;
}

export class TimeCursor {
  #time: CursorTime | null = $state.raw(null);
  #on = true;
  #driver: number | null = null;
  readonly #seats = new Map<number, Seat>();
  readonly #timer: CursorTimer;
  #moved_ms = -Infinity;
  #planned: (() => void) | null = null;

  constructor(timer: CursorTimer) {
    this.#timer = timer;
  }

  /** Where the reader is; null until they have scrolled, and while the log they read follows its end. */
  get time(): CursorTime | null {
    return this.#time;
  }

  /** The logs keep the same time. Switched on, they go to where the reader is. */
  set on(on: boolean) {
    if (on === this.#on) return;
    this.#on = on;
    if (on) this.#plan();
    else this.#drop();
  }

  /** @returns its undo. */
  join(run_id: number, log: TimedLog): () => void {
    const seat: Seat = { log, wanted: null, asking: false, turn: 0 };
    this.#seats.set(run_id, seat);
    if (this.#time !== null) this.#plan();
    return () => {
      if (this.#seats.get(run_id) !== seat) return;
      this.#seats.delete(run_id);
      leave(seat);
      if (this.#driver === run_id) this.#release();
    };
  }

  /** The reader touches this log: from now on it drives. */
  take(run_id: number): void {
    this.#driver = run_id;
    const seat = this.#seats.get(run_id);
    if (seat !== undefined) leave(seat);
  }

  /** The first line in view of a log. @param at ms since the epoch; null when the log follows its end. */
  seen(run_id: number, at: number | null): void {
    if (run_id !== this.#driver) return;
    if (at === null) this.#time = null;
    else if (this.#time?.run_id !== run_id || this.#time.at !== at) {
      this.#time = { run_id, at };
      this.#plan();
    }
  }

  /** Idempotent. */
  close(): void {
    this.#drop();
    this.#seats.clear();
  }

  #release(): void {
    this.#driver = null;
    this.#time = null;
  }

  #drop(): void {
    this.#planned?.();
    this.#planned = null;
    for (const seat of this.#seats.values()) leave(seat);
  }

  #plan(): void {
    if (!this.#on || this.#planned !== null) return;
    const wait = this.#moved_ms + MOVE_INTERVAL_MS - this.#timer.now();
    if (wait <= 0) this.#move();
    else {
      this.#planned = this.#timer.after(wait, () => {
        this.#planned = null;
        this.#move();
      });
    }
  }

  #move(): void {
    const time = this.#time;
    if (time === null) return;
    this.#moved_ms = this.#timer.now();
    for (const [run_id, seat] of this.#seats) {
      if (run_id === this.#driver) continue;
      seat.wanted = time.at;
      if (!seat.asking) void this.#lead(seat);
    }
  }

  async #lead(seat: Seat): Promise<void> {
    seat.asking = true;
    while (seat.wanted !== null) {
      const { turn, wanted } = seat;
      seat.wanted = null;
      const n = await seat.log.lineAt(wanted);
      if (n !== null && turn === seat.turn) seat.log.show(n);
    }
    seat.asking = false;
  }
}

function leave(seat: Seat): void {
  seat.wanted = null;
  seat.turn++;
}
