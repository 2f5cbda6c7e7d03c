import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Clock } from '../clock.ts';
import { GitError } from './git_port.ts';
import { PUSH_WATCH_MS, PushWatch } from './push_watch.ts';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);

/** A clock that only moves when it is told to. */
class HandClock implements Clock {
  #now = 1_000_000;
  readonly waiting = new Set<{ at: number; then: () => void }>();
  now(): number {
    return this.#now;
  }
  steady(): number {
    return this.#now;
  }
  wakeAt(at: number, then: () => void): () => void {
    const entry = { at, then };
    this.waiting.add(entry);
    return () => void this.waiting.delete(entry);
  }
  after(ms: number, then: () => void): () => void {
    return this.wakeAt(this.#now + ms, then);
  }
  advance(ms: number): void {
    this.#now += ms;
    for (const entry of [...this.waiting]) {
      if (entry.at > this.#now || !this.waiting.delete(entry)) continue;
      entry.then();
    }
  }
}

let clock: HandClock;
let heads: Record<string, string | null | Error>;
/** Projects whose repository has branches besides the one that is watched. */
let others: Set<string>;
let pushed: Record<string, string>;
let offered: string[];
let reports: string[];
let watch: PushWatch;

beforeEach(() => {
  clock = new HandClock();
  heads = { hello: A, other: null };
  others = new Set();
  pushed = {};
  offered = [];
  reports = [];
  watch = new PushWatch({
    branches: () =>
      Object.keys(heads).map((project) => ({
        project,
        branch: 'main',
        repository: {
          head: async () => {
            const head = heads[project] ?? null;
            if (head instanceof Error) throw head;
            return head;
          },
          isEmpty: async () => !others.has(project),
        },
      })),
    clock,
    getPushed: (project) => pushed[project] ?? null,
    onPush: async (project, sha) => {
      offered.push(`${project} ${sha}`);
      pushed[project] = sha;
    },
    report: (message) => void reports.push(message),
  });
});
afterEach(() => watch.close());

/** A minute passes, and the look it brings has ended. */
async function minute(): Promise<void> {
  clock.advance(PUSH_WATCH_MS);
  await watch.look();
}

describe('the newest commit of a branch', () => {
  test('is offered at the start and never again once it is recorded', async () => {
    await watch.start();
    expect(offered).toEqual([`hello ${A}`]);
    await minute();
    expect(offered).toHaveLength(1);
  });

  test('is not offered at the start when it is recorded already', async () => {
    pushed = { hello: A };
    await watch.start();
    expect(offered).toEqual([]);
  });

  test('is noticed within a minute', async () => {
    await watch.start();
    heads['hello'] = B;
    clock.advance(PUSH_WATCH_MS - 1);
    expect(offered).toHaveLength(1);
    clock.advance(1);
    await expect.poll(() => offered).toEqual([`hello ${A}`, `hello ${B}`]);
  });

  test('is offered again when it could not be recorded', async () => {
    const real = watch;
    const failing = new PushWatch({
      branches: () => [{ project: 'hello', branch: 'main', repository: { head: async () => A, isEmpty: async () => false } }],
      clock,
      getPushed: () => null,
      onPush: async (_project, sha) => {
        offered.push(sha);
        throw new Error('No space is left.');
      },
      report: (message) => void reports.push(message),
    });
    await failing.start();
    clock.advance(PUSH_WATCH_MS);
    await failing.look();
    await failing.close();
    expect(offered).toEqual([A, A]);
    expect(reports).toEqual(['Pushes to hello are not noticed: No space is left.']);
    await real.close();
  });
});

describe('trouble', () => {
  test('is reported once per change, and so is its end; other projects go on', async () => {
    heads = { hello: new GitError('There is no repository.'), other: B };
    await watch.start();
    await minute();
    expect(reports).toEqual(['Pushes to hello are not noticed: There is no repository.']);
    expect(offered).toEqual([`other ${B}`]);
    heads['hello'] = new GitError('git is not installed.');
    await minute();
    await minute();
    expect(reports.slice(1)).toEqual(['Pushes to hello are not noticed: git is not installed.']);
    heads['hello'] = A;
    await minute();
    expect(reports.slice(2)).toEqual(['Pushes to hello are noticed again.']);
    expect(offered).toEqual([`other ${B}`, `hello ${A}`]);
  });
});

describe('a branch that is not there', () => {
  const GONE = 'Pushes to other are not noticed: other has no branch main.';

  test('is said once while the repository has others, and so is that it is back', async () => {
    others.add('other');
    await watch.start();
    await minute();
    expect(reports).toEqual([GONE]);
    heads['other'] = B;
    await minute();
    expect(reports.slice(1)).toEqual(['Pushes to other are noticed again.']);
    expect(offered).toContain(`other ${B}`);
  });

  test('is said when it was pushed to before', async () => {
    pushed['other'] = B;
    await watch.start();
    expect(reports).toEqual([GONE]);
  });

  test('is waited for in a repository that nobody has pushed to', async () => {
    await watch.start();
    expect(reports).toEqual([]);
  });
});

describe('close', () => {
  test('ends the watch: nothing is asked, offered or reported afterwards', async () => {
    await watch.start();
    await watch.close();
    await watch.close();
    expect(clock.waiting.size).toBe(0);
    heads['hello'] = B;
    clock.advance(PUSH_WATCH_MS * 3);
    await watch.look();
    expect(offered).toHaveLength(1);
  });

  test.each(['is stopped by it', 'answers all the same'])('ends a look on its way, without offer or report, when git %s', async (how) => {
    const asked = Promise.withResolvers<string>();
    const end = (): void => (how === 'is stopped by it' ? asked.reject(new Error('stopped')) : asked.resolve(B));
    const slow = new PushWatch({
      branches: () => [
        {
          project: 'hello',
          branch: 'main',
          repository: { head: (_branch, signal) => (signal?.addEventListener('abort', end), asked.promise), isEmpty: async () => true },
        },
      ],
      clock,
      getPushed: () => null,
      onPush: async () => void offered.push('late'),
      report: (message) => void reports.push(message),
    });
    const look = slow.start();
    await slow.close();
    await look;
    expect([...offered, ...reports]).toEqual([]);
    expect(clock.waiting.size).toBe(0);
  });

  test('two looks at once ask once', async () => {
    await Promise.all([watch.start(), watch.look(), watch.look()]);
    expect(offered).toEqual([`hello ${A}`]);
    await watch.look();
    expect(clock.waiting.size).toBe(1);
  });
});
