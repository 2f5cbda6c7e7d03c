/**
 * The history a server starts from and goes on writing: the recorder over the event log, the runs it tells of, and the snapshots that make the
 * next start short. A snapshot is written only by a server that had become ready: a start that fails, on a full disk perhaps, leaves nothing.
 */
import { fold } from '../../src/shared/fold/fold.ts';
import { EMPTY_STATE } from '../../src/shared/fold/state.ts';
import type { EventLog } from '../eventlog/port.ts';
import { Recorder, type RecorderDeps } from '../recorder.ts';
import { RunMemory } from '../run_index.ts';
import { SnapshotKeeper } from '../snapshots/snapshot_keeper.ts';
import { SnapshotStore } from '../snapshots/snapshot_store.ts';

export interface HistoryOptions extends Omit<RecorderDeps, 'fold' | 'from' | 'initial' | 'onProgress'> {
  log: EventLog;
  /** Of the snapshots. */
  folder: string;
  report: (message: string, detail?: unknown) => void;
  onProgress: (done: number, total: number) => void;
}

export class History {
  readonly recorder: Recorder;
  readonly runs: RunMemory;
  /** Events the start had to read. */
  readonly folded_events: number;
  readonly #keeper: SnapshotKeeper;
  readonly #log: EventLog;
  #ready_after_ms: number | null = null;

  /** @throws LogError when the log cannot be read; `signal.reason`. */
  static async open({ folder, ...options }: HistoryOptions): Promise<History> {
    const { log, report, onProgress } = options;
    const runs = new RunMemory();
    const store = new SnapshotStore({ folder, log, report });
    const from = await store.newest();
    if (from !== null) runs.restore(from.runs, from.state);
    let folding = true;
    let folded_events = 0;
    const recorder = await Recorder.open({
      ...options,
      fold(state, envelope) {
        const next = fold(state, envelope);
        if (folding) runs.observe(next);
        return next;
      },
      initial: EMPTY_STATE,
      ...(from === null ? {} : { from }),
      onProgress: (done, total) => onProgress(done, (folded_events = total)),
    });
    folding = false;
    const keeper = new SnapshotKeeper({
      store,
      capture: () => ({ ...recorder.standpoint(), runs: runs.all() }),
      newest: from?.seq_no ?? log.bounds().floor,
      report,
    });
    return new History({ recorder, runs, folded_events, keeper, log });
  }

  private constructor({
    recorder,
    runs,
    folded_events,
    keeper,
    log,
  }: Pick<History, 'recorder' | 'runs' | 'folded_events'> & { keeper: SnapshotKeeper; log: EventLog }) {
    this.recorder = recorder;
    this.runs = runs;
    this.folded_events = folded_events;
    this.#keeper = keeper;
    this.#log = log;
    recorder.onCommit((state) => {
      runs.observe(state);
      if (this.#ready_after_ms !== null) keeper.stored(state.seq_no);
    });
  }

  /** The server is ready; from now on snapshots are written. @param after_ms since its start. */
  ready(after_ms: number): void {
    this.#ready_after_ms = after_ms;
    this.#keeper.stored(this.recorder.state().seq_no);
  }

  /** Takes no more intents, answers those it has, and writes the last snapshot. Idempotent. */
  async close(): Promise<void> {
    await this.recorder.close();
    if (this.#ready_after_ms !== null) await this.#keeper.close();
  }

  get metrics(): { name: string; help: string; type: 'gauge' | 'counter'; read: () => number }[] {
    const gauge = (name: string, help: string, read: () => number) => ({ name, help, type: 'gauge' as const, read });
    return [
      gauge('signalbox_boot_seconds', 'Seconds the last start took until the server was ready.', () => (this.#ready_after_ms ?? 0) / 1000),
      gauge('signalbox_boot_events_folded', 'Events the last start had to read.', () => this.folded_events),
      gauge(
        'signalbox_snapshot_age_events',
        'Events the next start would have to read.',
        () => this.#log.bounds().head - this.#keeper.newest,
      ),
      {
        name: 'signalbox_snapshot_write_errors_total',
        help: 'Snapshots of the state that could not be written.',
        type: 'counter',
        read: () => this.#keeper.errors,
      },
    ];
  }
}
