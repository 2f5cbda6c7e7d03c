/**
 * The marks of logs: each log that is written is surveyed as it grows, and to its end when it is closed; an old one when it is first asked for.
 *
 * Invariant: an answer is what reading every line of the first `surveyed` bytes would find. A thread does the reading; here it is only kept
 * where each survey stands. Without that the event loop would stand still for every log that somebody opens.
 *
 * It refuses to survey a log twice at once, more often than `SURVEY_EVERY_MS`, and an open one for more than a quarter of the time. A survey that fails goes on with the next change or question.
 */
import type { MarksAnswer } from '../../src/shared/protocol/run_log.ts';
import type { Clock } from '../clock.ts';
import { Failure } from '../failure.ts';
import { errorMarks, joinFound, NO_FOUND, type FoundMarks } from './found_marks.ts';
import type { LogSource } from './port.ts';
import type { SurveyJob, Surveyed } from './worker/survey.ts';
import type { Workers } from './worker/workers.ts';

export const SURVEY_EVERY_MS = 250;
/** So many times what the last survey took until the next: a thread that keeps up with a child that floods would take the core from what takes its output. */
const SURVEY_RESTS = 3;

export interface LogMarksDeps {
  workers: Pick<Workers<{ survey: SurveyJob }>, 'run'>;
  source: (run_id: number) => Promise<LogSource | null>;
  marksPath: (run_id: number) => string;
  clock: Clock;
  report: (message: string, detail?: unknown) => void;
}

interface Followed {
  at: Surveyed | null;
  found: FoundMarks;
  /** The survey that runs. */
  running: Promise<void> | null;
  /** Undoes the timer of the next; null when none is due. */
  undo: (() => void) | null;
  /** When the last began, or the log was first heard of. */
  last_ms: number;
  /** How long after that the next may begin while the log is open. */
  rest_ms: number;
  /** It has changed since the last survey began. */
  grown: boolean;
  /** It was closed: the next survey is the last. */
  closed: boolean;
}

export type Marks = Omit<MarksAnswer, 'run_id'>;

export class LogMarks {
  readonly #deps: LogMarksDeps;
  readonly #followed = new Map<number, Followed>();
  readonly #asked = new Map<number, Promise<Marks | null>>();
  readonly #end = new AbortController();

  constructor(deps: LogMarksDeps) {
    this.#deps = deps;
  }

  /** A log has grown or was closed. */
  changed(run_id: number, closed: boolean): void {
    if (this.#end.signal.aborted) return;
    let log = this.#followed.get(run_id);
    if (log === undefined) {
      const last_ms = this.#deps.clock.steady();
      log = { at: null, found: NO_FOUND, running: null, undo: null, last_ms, rest_ms: SURVEY_EVERY_MS, grown: true, closed };
      this.#followed.set(run_id, log);
    }
    log.closed ||= closed;
    log.grown = true;
    this.#surveyInTime(run_id, log);
  }

  /** As far as it has been surveyed; of a log that is closed all. Null when the run has no log. @throws what a survey may: see `Workers.run`. */
  async marks(run_id: number): Promise<Marks | null> {
    for (let log = this.#followed.get(run_id); log !== undefined; log = this.#followed.get(run_id)) {
      if (!log.closed) return await this.#soFar(run_id, log);
      await log.running;
    }
    const asked = this.#asked.get(run_id) ?? this.#askedAnew(run_id);
    this.#asked.set(run_id, asked);
    return await asked;
  }

  /** Nothing is surveyed any more. Idempotent. */
  close(): void {
    this.#end.abort(new Error('the log store is closed'));
    for (const { undo } of this.#followed.values()) undo?.();
    this.#followed.clear();
  }

  #surveyInTime(run_id: number, log: Followed): void {
    const { clock } = this.#deps;
    if (log.running !== null || this.#end.signal.aborted) return;
    if (log.closed) {
      log.undo?.();
      return this.#begin(run_id, log);
    }
    const left_ms = Math.max(0, log.last_ms + log.rest_ms - clock.steady());
    log.undo ??= clock.after(left_ms, () => this.#begin(run_id, log));
  }

  #begin(run_id: number, log: Followed): void {
    log.undo = null;
    log.last_ms = this.#deps.clock.steady();
    log.grown = false;
    const last = log.closed;
    log.running = this.#surveyOn(run_id, log)
      .catch((error: unknown) => {
        // When too many wait it waits for its next turn.
        const later = error instanceof Failure && error.code === 'too_many';
        log.grown ||= later;
        if (!later && !this.#end.signal.aborted) this.#deps.report(`the log of run ${run_id} could not be surveyed for errors`, error);
      })
      .then(() => {
        log.running = null;
        const took_ms = this.#deps.clock.steady() - log.last_ms;
        log.rest_ms = Math.max(SURVEY_EVERY_MS, (1 + SURVEY_RESTS) * took_ms);
        if (last) this.#followed.delete(run_id);
        else if (log.grown) this.#surveyInTime(run_id, log);
      });
  }

  async #surveyOn(run_id: number, log: Followed): Promise<void> {
    const source = await this.#deps.source(run_id);
    if (source === null) return;
    const answer = await this.#survey(source, log, true);
    const { place, state, found } = answer;
    log.at = { place, state };
    log.found = source.closed ? found : joinFound(log.found, found, state.sections.count);
  }

  #survey(source: LogSource, { at, found }: Pick<Followed, 'at' | 'found'>, background: boolean): Promise<SurveyJob['answer']> {
    const ask = { source, marks_path: this.#deps.marksPath(source.run_id), from: at, found: source.closed ? found : null };
    return this.#deps.workers.run('survey', ask, { signal: this.#end.signal, background });
  }

  #askedAnew(run_id: number): Promise<Marks | null> {
    return this.#ofClosed(run_id).finally(() => this.#asked.delete(run_id));
  }

  async #ofClosed(run_id: number): Promise<Marks | null> {
    const source = await this.#deps.source(run_id);
    if (source === null) return null;
    const { place, state, found } = await this.#survey(source, { at: null, found: NO_FOUND }, false);
    return answerOf(source, { place, state }, found);
  }

  async #soFar(run_id: number, { at, found }: Followed): Promise<Marks | null> {
    const source = await this.#deps.source(run_id);
    return source && answerOf(source, at, found);
  }
}

function answerOf({ bytes, lines, closed }: LogSource, at: Surveyed | null, found: FoundMarks): Marks {
  return {
    bytes,
    lines,
    closed,
    surveyed: at?.place.offset ?? 0,
    errors: { count: at?.state.count ?? 0, items: errorMarks(found) },
    sections: found.sections.map(([, section]) => section),
  };
}
