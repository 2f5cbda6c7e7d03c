/**
 * The single writer. Takes intents one after another, decides each on the state that the ones before it will have made, stores what came
 * of them as one batch, and only then shows it: state, viewers, answer, in this order. The invariant: nothing is shown that is not
 * stored, and what is stored has numbers without a hole. If it broke, screens would show deploys that never happened, or two servers'
 * histories in one. It refuses to answer before the log has the event, and to guess whether a failed append was stored after all.
 *
 * What queues up while an append runs is the next batch: one sync of the disk then serves many, without anybody waiting for more to come.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Answer } from '../src/shared/protocol/commands.ts';
import { WHOLE_SERVER, type Envelope } from '../src/shared/protocol/envelope.ts';
import type { Instant } from '../src/shared/protocol/ids.ts';
import type { State } from '../src/shared/fold/state.ts';
import type { Clock } from './clock.ts';
import { LogError, type EventLog } from './eventlog/port.ts';
import { Failure } from './failure.ts';
import type { Decision, Intent } from './pipeline/intent.ts';
import { failureOf, inDoubt } from './recorder/append_failure.ts';
import { Batch, sameBody, type Asked, type BatchDeps, type Head } from './recorder/batch.ts';
import { readHistory } from './recorder/boot.ts';
import type { KeyIndex } from './recorder/key_index.ts';
import type { Recording, Standpoint } from './recorder_port.ts';
import { idSource, type RandomBytes } from './uuid.ts';

/** Intents stored with one append; a longer queue takes several. */
export const BATCH_INTENTS = 1_024;
/** Commands that may wait. Facts always may: the engine cannot make more than it has runs. */
export const WAITING_COMMANDS = 10_000;
/** Actor of what the recorder itself records. */
const RECORDER = 'system:recorder';

export interface RecorderDeps {
  log: EventLog;
  clock: Clock;
  random: RandomBytes;
  /** Pure: what comes of an intent in this state, at this time. */
  decide: (intent: Intent, state: State, now: Instant) => Decision;
  /** Pure and total. */
  fold: (state: State, envelope: Envelope) => State;
  /** Shows a stored envelope. Called in the order of `seq_no`. */
  publish: (envelope: Envelope) => void;
  /** The state at the log's floor. */
  initial: State;
  /** Something is wrong with the server or its disk. */
  report: (what: string, error: unknown) => void;
  /** A line for the server's log: a fact for which nothing had to be recorded. */
  note?: (why: string) => void;
  /** What the fold of this very log gave earlier, up to some commit; the whole log when left out. Whether it is of this log is the caller's to know. */
  from?: Standpoint;
  /** One turn of the event loop, while what arrives together gathers. Default: the loop's own. */
  turn?: () => Promise<unknown>;
  /** Told while `open` reads: envelopes read, and how many there are to read. */
  onProgress?: (done: number, total: number) => void;
  /** Ends `open` early; it rejects with the reason. */
  signal?: AbortSignal;
}

export class Recorder implements Recording {
  readonly #deps: RecorderDeps;
  readonly #batchDeps: BatchDeps;
  readonly #keys: KeyIndex;
  readonly #listeners = new Set<{ listener: (state: State) => void }>();
  #head: Head;
  #queue: Asked[] = [];
  #running: Promise<void> | null = null;
  #broken: string | null = null;
  #disk_failed = false;
  /** Keys of commands whose commit may or may not be in the log: what failed was the disk, under it. */
  readonly #doubtful = new Set<string>();
  #untold: EventLog['lost'];
  #closing = false;

  /** Folds the log, or what comes after `from`. When the log says that history was lost, tells so in a `history_gap`. @throws LogError when the log cannot be read. */
  static async open(deps: RecorderDeps): Promise<Recorder> {
    const { from: _, ...rest } = deps;
    const { head, keys } = await readHistory({ ...deps, now_ms: deps.clock.now() });
    // Without `from`, which would keep an old state and its keys in memory for as long as the server runs.
    const recorder = new Recorder(rest, head, keys);
    if (recorder.#untold !== null) await recorder.#store([]);
    return recorder;
  }

  private constructor(deps: RecorderDeps, head: Head, keys: KeyIndex) {
    this.#deps = deps;
    this.#head = head;
    this.#keys = keys;
    this.#untold = deps.log.lost;
    const { clock, decide, fold, report, note = () => undefined } = deps;
    this.#batchDeps = { clock, decide, fold, report, note, idAt: idSource(deps.random), known: (key) => keys.get(key, clock.now()) };
  }

  record(intent: Intent): Promise<Answer | null> {
    return new Promise((resolve, reject) => {
      const asked = { intent, resolve, reject };
      if (this.#answerStored(asked)) return;
      if (this.#closing) return reject(new Failure('unavailable', 'The server is stopping.'));
      if (intent.type === 'command' && this.#queue.length >= WAITING_COMMANDS)
        return reject(new Failure('unavailable', 'Too many commands are waiting; try again in a moment.'));
      this.#queue.push(asked);
      this.#running ??= this.#run();
    });
  }

  state(): State {
    return this.#head.state;
  }

  /** What `open` can go on from later. All of it is of one moment: after a commit, with nothing of the next. */
  standpoint(): Standpoint {
    const { state, seq_no, at_ms } = this.#head;
    return { state, seq_no, at_ms, keys: this.#keys.entries() };
  }

  answerOf(key: string): Answer | null {
    const entry = this.#keys.get(key, this.#deps.clock.now());
    if (entry === undefined && this.#doubtful.has(key)) throw inDoubt();
    return entry?.answer ?? null;
  }

  brokenBy(): string | null {
    return this.#broken;
  }

  /** Called once for each stored batch. A listener that throws is reported and harms nobody. */
  onCommit(listener: (state: State) => void): () => void {
    const registration = { listener };
    this.#listeners.add(registration);
    return () => void this.#listeners.delete(registration);
  }

  /** Takes no more intents and waits until those it has are answered. Does not close the log. Idempotent. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      // One turn of the event loop: all requests that arrived together share a batch, also when the log's append does not really wait.
      await (this.#deps.turn ?? nextTurn)();
      // After a failure one intent goes alone, to find out whether the log works again.
      await this.#store(this.#queue.splice(0, this.#broken === null ? BATCH_INTENTS : 1));
    }
    this.#running = null;
  }

  async #store(asked: readonly Asked[]): Promise<void> {
    const batch = new Batch(this.#head, this.#batchDeps);
    const gap = this.#untold;
    if (gap !== null) batch.add([{ project: WHOLE_SERVER, event: { kind: 'history_gap', ...gap } }], { actor: RECORDER, key: null });
    for (const each of asked) batch.take(each);
    try {
      if (batch.commits.length > 0) await this.#deps.log.append(batch.commits, { expect_head: this.#head.seq_no });
    } catch (error) {
      this.#failed(batch, error);
      return;
    }
    if (batch.commits.length > 0) {
      this.#broken = null;
      if (gap !== null) this.#untold = null;
      this.#show(batch);
    }
    batch.settle();
  }

  #show(batch: Batch): void {
    this.#head = batch.head;
    const now_ms = this.#deps.clock.now();
    for (const [key, entry] of batch.keys) this.#keys.add(key, entry, now_ms);
    for (const { envelopes } of batch.commits) {
      for (const envelope of envelopes) this.#publish(envelope);
    }
    const { state } = this.#head;
    for (const { listener } of [...this.#listeners]) this.#guarded('a listener for commits failed', () => listener(state));
  }

  /** Fail-stop for commands: those that wait fail with the batch. Facts stay and are tried, since they have happened whatever the disk says. */
  #failed(batch: Batch, error: unknown): void {
    const failure = failureOf(error);
    const disk_failed = error instanceof LogError && error.code === 'broken';
    // Only the first: from then on the log refuses before it writes.
    const may_be_stored = disk_failed && !this.#disk_failed;
    this.#disk_failed ||= disk_failed;
    if (may_be_stored) for (const key of batch.keys.keys()) this.#doubtful.add(key);
    this.#broken = failure.message;
    this.#deps.report('the event log could not be appended to', error);
    batch.fail(may_be_stored ? inDoubt(error) : failure);
    const waiting = this.#queue;
    this.#queue = [];
    for (const each of waiting) {
      if (each.intent.type === 'fact') this.#queue.push(each);
      else if (!this.#answerStored(each)) each.reject(failure);
    }
  }

  /** A command that is stored already has its answer, whatever state the log is in. */
  #answerStored({ intent, resolve, reject }: Asked): boolean {
    if (intent.type !== 'command' || intent.key === null) return false;
    const { key } = intent;
    const earlier = this.#keys.get(key, this.#deps.clock.now());
    if (earlier === undefined) return false;
    try {
      resolve(sameBody({ ...intent, key }, earlier));
    } catch (error) {
      reject(error);
    }
    return true;
  }

  #publish(envelope: Envelope): void {
    try {
      this.#deps.publish(envelope);
    } catch (error) {
      this.#deps.report('an event could not be published', error);
    }
  }

  #guarded(what: string, body: () => void): void {
    try {
      body();
    } catch (error) {
      this.#deps.report(what, error);
    }
  }
}
