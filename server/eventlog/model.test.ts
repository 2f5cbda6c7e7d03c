/** Both drivers against a plain list of commits: whatever is appended, read, followed, acknowledged, closed and crashed in whatever order. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { systemClock } from '../clock.ts';
import { systemRandom } from '../uuid.ts';
import { aCommit, failsWith, numbersOf } from './contract_words.ts';
import { memoryEventLog } from './memory.ts';
import type { Commit, EventLog, LogSubscription, Position, ReadFilter } from './port.ts';
import { openSqliteEventLog } from './sqlite.ts';
import { verifyEventLog } from './sqlite/verify.ts';

type Operation =
  | { do: 'append'; sizes: number[] }
  | { do: 'conflict'; by: number }
  | { do: 'read'; after: number; limit: number; filter: ReadFilter }
  | { do: 'commits'; after: number; limit: number }
  | { do: 'follow'; consumer: string; position: 'beginning' | 'last_acknowledged' | 'latest' | number }
  | { do: 'next'; count: number }
  | { do: 'ack' | 'seek'; consumer: string; at: number }
  | { do: 'reopen' | 'crash' };

/** Positions are shares of what is there, so that they mean something at any length. */
const share = fc.integer({ min: 0, max: 1_000 });
const consumer = fc.constantFrom('a', 'b');
const filter = fc.constantFrom<ReadFilter>(
  {},
  { project: 'hello' },
  { project: 'moon' },
  { kinds: ['merge_failure'] },
  { kinds: ['backup_fetched', 'x'] },
);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  // Below, at and above what a row holds, and commits of several events.
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('append' as const), sizes: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 5 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('append' as const), sizes: fc.array(fc.constant(1), { minLength: 60, maxLength: 140 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('conflict' as const), by: fc.constantFrom(-2, -1, 1, 2) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('read' as const), after: share, limit: fc.integer({ min: 1, max: 200 }), filter }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('commits' as const), after: share, limit: fc.integer({ min: 1, max: 200 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('follow' as const),
      consumer,
      position: fc.oneof(fc.constantFrom('beginning' as const, 'last_acknowledged' as const, 'latest' as const), share),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('next' as const), count: fc.integer({ min: 1, max: 90 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('ack' as const, 'seek' as const), consumer, at: share }) },
  { weight: 2, arbitrary: fc.constantFrom<Operation>({ do: 'reopen' }, { do: 'crash' }) },
);

const last = (commit: Commit): number => commit.first_seq + commit.envelopes.length - 1;

/** A follower of the log, and where the list says it stands. */
interface Follower {
  subscription: LogSubscription;
  after: number;
}

class Pair {
  log: EventLog;
  readonly list: Commit[] = [];
  readonly acknowledged = new Map<string, number>();
  followers: Follower[] = [];

  constructor(log: EventLog) {
    this.log = log;
  }

  get head(): number {
    const newest = this.list.at(-1);
    return newest === undefined ? 0 : last(newest);
  }

  at(part: number): number {
    return Math.round((this.head * part) / 1_000);
  }

  async append(sizes: readonly number[]): Promise<void> {
    let next = this.head + 1;
    const commits = sizes.map((size, index) => {
      const commit = aCommit(
        next,
        size,
        index % 4 === 0 ? { key: `k-${next}`, body_hash: 'ab', answer: { status: 'applied', seq_no: next } } : {},
      );
      next += size;
      return commit;
    });
    await this.log.append(commits, { expect_head: this.head });
    this.list.push(...commits);
  }

  async read(after: number, limit: number, { project, kinds }: ReadFilter): Promise<void> {
    const read = await this.log.read(after, limit, {
      ...(project === undefined ? {} : { project }),
      ...(kinds === undefined ? {} : { kinds }),
    });
    const all = this.list.flatMap(({ envelopes }) => envelopes).filter(({ seq_no }) => seq_no > after);
    const match = all.filter((e) => (project === undefined || e.project === project) && (kinds === undefined || kinds.includes(e.kind)));
    const seen = match.slice(0, limit);
    expect(read.envelopes).toEqual(seen);
    expect(read.upto).toBe(seen.length === limit ? seen.at(-1)?.seq_no : Math.max(after, this.head));
  }

  async commits(after: number, limit: number): Promise<void> {
    const read = await this.log.readCommits(after, limit);
    expect(read.map(({ v: _, ...commit }) => commit)).toEqual(this.list.filter(({ first_seq }) => first_seq > after).slice(0, limit));
  }

  async follow(name: string, position: 'beginning' | 'last_acknowledged' | 'latest' | number): Promise<void> {
    const asked: Position = typeof position === 'number' ? { from: 'sequence', after: this.at(position) } : { from: position };
    const subscription = await this.log.subscribe(name, asked);
    const starts = { beginning: 0, latest: this.head, last_acknowledged: this.acknowledged.get(name) ?? 0 };
    this.followers.push({ subscription, after: typeof position === 'number' ? this.at(position) : starts[position] });
  }

  /** What is stored comes at once; one that has seen all waits, which is not asked of it here. */
  async next(count: number): Promise<void> {
    for (const follower of this.followers) {
      for (const commit of this.list.filter((each) => last(each) > follower.after).slice(0, count)) {
        expect(numbersOf((await follower.subscription.next()).envelopes)).toEqual(numbersOf(commit.envelopes));
        follower.after = last(commit);
      }
    }
  }

  async place(how: 'ack' | 'seek', name: string, at: number): Promise<void> {
    await this.log[how](name, at);
    this.acknowledged.set(name, how === 'seek' ? at : Math.max(at, this.acknowledged.get(name) ?? 0));
  }
}

async function play(
  pair: Pair,
  operations: readonly Operation[],
  restart: (how: 'reopen' | 'crash', log: EventLog) => Promise<EventLog>,
): Promise<void> {
  for (const step of operations) {
    switch (step.do) {
      case 'append':
        await pair.append(step.sizes);
        break;
      case 'conflict':
        await expect(pair.log.append([aCommit(pair.head + 1)], { expect_head: pair.head + step.by })).rejects.toEqual(
          failsWith('conflict'),
        );
        break;
      case 'read':
        await pair.read(pair.at(step.after), step.limit, step.filter);
        break;
      case 'commits':
        await pair.commits(pair.at(step.after), step.limit);
        break;
      case 'follow':
        await pair.follow(step.consumer, step.position);
        break;
      case 'next':
        await pair.next(step.count);
        break;
      case 'ack':
      case 'seek':
        await pair.place(step.do, step.consumer, pair.at(step.at));
        break;
      case 'reopen':
      case 'crash':
        pair.log = await restart(step.do, pair.log);
        pair.followers = [];
        expect(pair.log.lost).toBeNull();
        break;
      default:
        step satisfies never;
    }
    expect(pair.log.bounds().head).toBe(pair.head);
  }
  for (let after = 0; after <= pair.head; after += 17) await pair.read(after, 1_000, {});
  await pair.commits(0, 1_000);
}

test('in memory', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { maxLength: 40 }), async (operations) => {
      const pair = new Pair(memoryEventLog());
      // It has no second life: what it holds is all there is.
      await play(pair, operations, async (_, log) => log);
      await pair.log.close();
    }),
    { numRuns: 60 },
  );
});

test('in SQLite, closed and crashed in between: nothing is lost, and the files verify', { timeout: 120_000 }, async () => {
  const folders = mkdtempSync(join(tmpdir(), 'signalbox-model-'));
  let runs = 0;
  const open = (folder: string): Promise<EventLog> => openSqliteEventLog({ folder, clock: systemClock, random: systemRandom });
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 25 }), async (operations) => {
        let folder = join(folders, String(runs++));
        const pair = new Pair(await open(folder));
        const { epoch } = pair.log.bounds();
        const restart = async (how: 'reopen' | 'crash', log: EventLog): Promise<EventLog> => {
          // What the kernel has of the files when a process is killed is what the next one finds.
          const crashed = join(folders, String(runs++));
          if (how === 'crash') cpSync(folder, crashed, { recursive: true });
          await log.close();
          if (how === 'crash') folder = crashed;
          return open(folder);
        };
        try {
          await play(pair, operations, restart);
          expect(pair.log.bounds().epoch).toBe(epoch);
          expect(await verifyEventLog(folder)).toMatchObject({
            events: pair.head,
            commits: pair.list.length,
            head: pair.head,
            problems: [],
          });
        } finally {
          await pair.log.close();
        }
      }),
      { numRuns: 12 },
    );
  } finally {
    rmSync(folders, { recursive: true, force: true });
  }
});
