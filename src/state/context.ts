/**
 * What views may use: one `App` object in Svelte's context. Everything here is reactive when read in markup, `$derived` or `$effect`.
 * Views read it and hand plain values and callbacks to components; components never import it. Interfaces, so that the classes behind
 * them can change without a view noticing.
 */
import { createContext } from 'svelte';
import type { State } from '../shared/fold/state.ts';
import type { Command } from '../shared/protocol/commands.ts';
import type { Times } from '../shared/words/line_time.ts';
import type { Envelope } from '../shared/protocol/envelope.ts';
import type { ConnectionStatus } from '../a11y/connection_sentence.ts';
import type { KeyAction } from '../a11y/keys.ts';
import type { ByteRange } from '../transport/api.ts';
import type { RunAnswer } from '../transport/run_answer.ts';
import type { LogTailDeps } from './log_tail.svelte.ts';
import type { Place } from './paths.ts';
import type { CommandOutcome, Submission } from './submission.ts';

export interface DashboardView {
  /** Immutable; replaced at most once a frame. */
  readonly state: State;
  /** False until the first snapshot: then an empty panel means "not known yet", not "nothing there". */
  readonly ready: boolean;
  /** Calls with each batch of envelopes that was folded live (never with a snapshot's or a replay's). @returns its undo. */
  onEvents(listener: (envelopes: readonly Envelope[]) => void): () => void;
}

export interface ConnectionView {
  readonly status: ConnectionStatus;
  /** True when what is shown is what the server has: levers work only then. */
  readonly live: boolean;
  /** For the chip: "Live, 38 ms". */
  readonly label: string;
  /** One sentence that says why it is not live and what to do; '' when live. */
  readonly reason: string;
  /** Server-corrected ms of the last word from the server; null before the first. */
  readonly last_word: number | null;
}

export interface ClockView {
  /** Server-corrected ms since the epoch, one tick a second. Stands still while the page is stale. */
  readonly now: number;
}

export interface RouteView {
  readonly path: string;
  readonly place: Place;
  /** @param to from `paths.ts`, with `?…` and `#…` or without. Ordinary links (`<a href>`) need no call: clicks are taken over. */
  go(to: string): void;
  /** What stands behind `?name=`, with commas between when it is there several times; null when it is not. */
  param(name: string): string | null;
  /** Changes what stands behind `?`; null takes it away. @param how whether Back leads to what was there before; default `replace`. */
  setParams(changes: Readonly<Record<string, string | null>>, how?: 'replace' | 'push'): void;
}

export interface PrefsView {
  /** "Your name, for the record"; '' until given. */
  name: string;
  theme: 'system' | 'light' | 'dark';
  /** Keys of one character are switched on. */
  letters: boolean;
  /** Log lines wrap. */
  wrap: boolean;
  /** Control characters and dropped escape sequences of log lines are shown. */
  controls: boolean;
  /** What stands beside log lines as their time. */
  times: Times;
}

export interface CommandsView {
  /** Sent and not yet settled. */
  readonly pending: readonly Submission[];
  /** Settled in this page, oldest first, at most `RECEIPTS_KEPT`. */
  readonly receipts: readonly Submission[];
  /**
   * Asks for the name first when none is known. Never rejects; a second call of the same command while the first is on its way, or with the
   * page stale, ends in `not_sent`. Do not call it from a key event with `event.repeat`.
   */
  run(command: Command): Promise<CommandOutcome>;
  /** Sends a settled submission once more with the same key, so that it can be done only once. */
  again(submission: Submission): Promise<CommandOutcome>;
  /** The submission of this very command (same target) that is on its way, or null: "Sending…". */
  pendingOf(command: Command): Submission | null;
}

/** Whether a lever works now, and the sentence that says why not (for `aria-describedby`). */
export type Lever = { allowed: true } | { allowed: false; reason: string };

export interface Comparison {
  /** Exact, also when `commits` was cut. */
  total: number;
  commits: readonly { sha: string; subject: string; author: string; at: string }[];
}

export interface ApiView {
  /** Commits in `to` that are not in `from` (versions). @throws ApiError with a sentence. */
  compare(project: string, from: string, to: string): Promise<Comparison>;
  /** A run, also one the dashboard state has forgotten. @throws ApiError with a sentence; its `status` is 404 when there is no such run. */
  getRun(run_id: number): Promise<RunAnswer>;
  /** Newest first, of all projects when none is named. @throws ApiError with a sentence. */
  getRuns(query: { project?: string; limit?: number }): Promise<readonly RunAnswer[]>;
  /** Address of the raw bytes of a run's log; `?download` behind it names the file. */
  logUrl(run_id: number): string;
  /** Bytes of a run's log, `to` exclusive. @throws ApiError with a sentence. */
  logBytes(run_id: number, range: ByteRange): Promise<Uint8Array>;
}

export interface App {
  readonly dashboard: DashboardView;
  readonly connection: ConnectionView;
  readonly clock: ClockView;
  readonly route: RouteView;
  readonly prefs: PrefsView;
  readonly commands: CommandsView;
  readonly api: ApiView;
  /** Who this page acts as, e.g. `local:Ana`; `local:unnamed` until a name is given. */
  readonly actor: string;
  /** Text of the filter field in the header. */
  filter: string;
  /** Connection first, then the same command on its way, then `can`: the one question every lever asks. */
  lever(command: Command): Lever;
  /**
   * Binds keys anywhere on the page, by `event.key`: `c`, `?`, `G`, `ArrowDown`, two in a row as `g p`. Not while typing, not in a dialog; letters
   * not when switched off, and not for `event.repeat` unless the binding says so. @returns its undo.
   */
  keys(bindings: Readonly<Record<string, KeyAction>>): () => void;
  /** Where logs come from: for `LogTail`, which only the pages with a log load. */
  readonly logs: LogTailDeps;
  /** Says a sentence to screen readers, politely, at most one per 3 s. Failures, waits and the connection are said already. */
  announce(sentence: string): void;
}

const [get, set] = createContext<App>();
/** Call while a component is being set up. */
export const useApp = get;
export const provideApp = set;
