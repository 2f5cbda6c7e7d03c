/** What the log pane asks of the server. A port: the pane knows neither addresses nor fetches, and its tests answer from memory. Every question may throw an error with a sentence for the reader. */
import type {
  HitLinesAnswer,
  HitsAnswer,
  LinesAnswer,
  LogQuery,
  LogStatAnswer,
  MarksAnswer,
  PaceAnswer,
  PlaceAnswer,
  SearchFrame,
} from '../shared/protocol/run_log.ts';

export type LogPlace = { line: number } | { offset: number } | { at: number };

export type HitPlace = { k: number } | { line: number };

export interface LogServer {
  /** Null when the run has no log yet. */
  stat(run_id: number): Promise<LogStatAnswer | null>;
  /** @param from line number. */
  lines(run_id: number, from: number, count: number, signal: AbortSignal): Promise<LinesAnswer>;
  /** The last so many lines; null when the run has no log yet. */
  lastLines(run_id: number, count: number): Promise<LinesAnswer | null>;
  place(run_id: number, place: LogPlace): Promise<PlaceAnswer>;
  marks(run_id: number): Promise<MarksAnswer>;
  search(run_id: number, query: LogQuery, signal: AbortSignal): AsyncIterable<SearchFrame>;
  /** Rows of matching lines and `context` lines around each, each line once: from match `k` on, or from the first match at or after a line. */
  hits(run_id: number, query: LogQuery, from: HitPlace, count: number, context: number): Promise<HitsAnswer>;
  /** As `hits`, the numbers of the lines alone, from a row (from 0) on. */
  hitLines(run_id: number, query: LogQuery, row: number, count: number, context: number): Promise<HitLinesAnswer>;
  pace(run_id: number): Promise<PaceAnswer>;
}
