/**
 * The event log's disk and the log on it as one life of a server sees it. What is stored survives every life; an append takes its time, is
 * refused when the disk is full or broken, and at a crash is stored or not, whole, without anybody having been told.
 */
import { memoryEventLog } from '../../../server/eventlog/memory.ts';
import { LogError, type Commit, type EventLog, type StoredCommit } from '../../../server/eventlog/port.ts';
import type { Standpoint } from '../../../server/recorder_port.ts';
import type { Owner, Schedule } from './schedule.ts';

export type DiskHealth = 'well' | 'full' | 'broken';

/** Reads that let something else happen first. */
const SLOW_READS = 0.3;
/** Appends whose answer comes after they are stored, with room for something in between. */
const LATE_ANSWERS = 0.5;
const READ_MOST = 1000;

interface Appending {
  commits: readonly Commit[];
  expect_head: number;
}

export interface DiskListener {
  stored(commits: readonly Commit[]): void;
  lost(from: number, to: number): void;
}

export class Disk {
  health: DiskHealth = 'well';
  /** It broke under the log that is open now: nothing is stored before the next start. */
  failed = false;
  readonly #schedule: Schedule;
  readonly #listener: DiskListener;
  #log: EventLog;
  #generation = 1;
  /** Asked for and neither stored nor refused yet. */
  #appending: Appending | null = null;
  /** Whose log it is now. */
  #opened: Owner | null = null;
  #kept: Standpoint | null = null;

  constructor(schedule: Schedule, listener: DiskListener) {
    this.#schedule = schedule;
    this.#listener = listener;
    this.#log = memoryEventLog({ epoch: '1-simulated' });
  }

  get head(): number {
    return this.#log.bounds().head;
  }

  get epoch(): string {
    return this.#log.bounds().epoch;
  }

  /** All that is stored. */
  async commits(): Promise<StoredCommit[]> {
    const all: StoredCommit[] = [];
    for (;;) {
      const last = all.at(-1);
      const page = await this.#log.readCommits(last === undefined ? 0 : last.first_seq + last.envelopes.length - 1, READ_MOST);
      if (page.length === 0) return all;
      all.push(...page);
    }
  }

  /** Keeps where a recorder stands, for a shorter start. */
  keep(standpoint: Standpoint): void {
    this.#kept = JSON.parse(JSON.stringify(standpoint)) as Standpoint;
  }

  /** What was kept, when it is of this log: the last event it knows is still there. */
  async standpoint(): Promise<Standpoint | null> {
    const kept = this.#kept;
    if (kept === null || kept.seq_no === 0 || kept.seq_no > this.head) return null;
    const [last] = (await this.#log.read(kept.seq_no - 1, 1)).envelopes;
    return last !== undefined && last.id === kept.state.activity.at(-1)?.id ? kept : null;
  }

  /** The power goes: what was on its way is there afterwards, or is not. */
  async crash(): Promise<void> {
    const appending = this.#appending;
    this.#appending = null;
    this.#opened = null;
    if (appending !== null && this.#schedule.chance(0.5)) await this.#store(appending);
  }

  /** The newest commits are gone, as after a restore from a copy: another history begins. */
  async loseTail(commits: number): Promise<void> {
    const all = await this.commits();
    const kept = all.slice(0, Math.max(1, all.length - commits));
    const [first] = all.slice(kept.length);
    if (first === undefined) return;
    const lost = { from: first.first_seq, to: this.head, why: 'the simulation took them' };
    this.#generation++;
    this.#log = memoryEventLog({ epoch: `${this.#generation}-simulated`, lost });
    await this.#log.append(
      kept.map(({ first_seq, envelopes, key, body_hash, answer }) => ({
        first_seq,
        envelopes,
        ...(key === undefined ? {} : { key }),
        ...(body_hash === undefined ? {} : { body_hash }),
        ...(answer === undefined ? {} : { answer }),
      })),
      { expect_head: 0 },
    );
    this.#listener.lost(lost.from, lost.to);
  }

  /** The log as the life `owner` opens it. @throws LogError `broken` while the disk is. */
  open(owner: Owner): EventLog {
    if (this.health === 'broken') throw new LogError('broken', 'the simulated disk does not answer');
    const log = this.#log;
    const schedule = this.#schedule;
    let broken = false;
    this.failed = false;
    this.#appending = null;
    this.#opened = owner;
    return {
      append: async (commits, { expect_head }) => {
        if (broken) throw new LogError('broken', 'the simulated disk has failed; start again');
        // A life that has ended may still come to this line; it writes nothing any more.
        if (this.#opened !== owner) return new Promise<void>(() => undefined);
        const appending = { commits, expect_head };
        this.#appending = appending;
        await schedule.turn(owner, `disk: append ${expect_head + 1}`);
        const { health } = this;
        if (health === 'broken') broken = this.failed = true;
        // A disk that breaks may have stored it all the same, which shows at the next start.
        if (health !== 'broken') this.#appending = null;
        if (health !== 'well') throw new LogError(health, `the simulated disk is ${health}`);
        await this.#store(appending);
        await schedule.maybe(owner, `disk: appended ${expect_head + 1}`, LATE_ANSWERS);
      },
      read: async (after, limit, filter) => {
        await schedule.maybe(owner, `disk: read after ${after}`, SLOW_READS);
        return log.read(after, limit, filter);
      },
      readCommits: (after, limit) => log.readCommits(after, limit),
      subscribe: (consumer, position) => log.subscribe(consumer, position),
      ack: (consumer, seq_no) => log.ack(consumer, seq_no),
      seek: (consumer, seq_no) => log.seek(consumer, seq_no),
      lastSeqNo: () => log.lastSeqNo(),
      bounds: () => log.bounds(),
      get lost() {
        return log.lost;
      },
      close: () => Promise.resolve(),
    };
  }

  async #store({ commits, expect_head }: Appending): Promise<void> {
    await this.#log.append(commits, { expect_head });
    this.#listener.stored(commits);
  }
}
