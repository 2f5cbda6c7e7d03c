import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Command, type Answer } from '../../src/shared/protocol/commands.ts';
import { GitError, type CommitInfo, type Repository } from '../emitters/git_port.ts';
import { Failure } from '../failure.ts';
import type { Recording } from '../recorder_port.ts';
import { createDesk } from './desk.ts';
import { given, type Line } from './given.ts';
import { commitOf, shaOf } from './given_line.ts';
import type { Intent } from './intent.ts';

type CommandIntent = Extract<Intent, { type: 'command' }>;

let line: Line;
let intents: CommandIntent[];
let answers: Map<string, Answer>;
let repository: Repository;
let asked: string[];

/** A repository whose main is at b2 and that knows a1 and b2. */
beforeEach(() => {
  line = given({ id: 'host' });
  intents = [];
  answers = new Map();
  asked = [];
  const known = new Map(
    ['a1', 'b2'].map((short) => [
      shaOf(short) as string,
      { ...commitOf(shaOf(short)), subject: `change ${short}`, author: 'Ben' } satisfies CommitInfo,
    ]),
  );
  repository = {
    head: async (branch) => (asked.push(`head of ${branch}`), branch === 'main' ? shaOf('b2') : null),
    isEmpty: async () => false,
    describe: async (sha) => (asked.push(sha), known.get(sha) ?? null),
    checkout: async () => undefined,
    compare: async () => ({ total: 0, commits: [] }),
  };
});

/** Answers a key that it knows as the recorder does: without deciding again. */
const recording: Recording = {
  async record(intent) {
    if (intent.type !== 'command') throw new Error('the desk hands in commands');
    intents.push(intent);
    const earlier = intent.key === null ? undefined : answers.get(intent.key);
    if (earlier !== undefined) return earlier;
    line.record(intent);
    const seq_no = line.state.seq_no;
    const answer: Answer =
      line.decision.type === 'refused' ? { status: 'refused', seq_no, refusal: line.decision.refusal } : { status: 'applied', seq_no };
    if (intent.key !== null) answers.set(intent.key, answer);
    return answer;
  },
  state: () => line.state,
  answerOf: (key) => answers.get(key) ?? null,
  brokenBy: () => null,
  onCommit: () => () => undefined,
};

function submit(input: unknown, key: string | null = null, branch = 'main'): Promise<Answer> {
  return handIn(Command.parse(input), key, branch);
}

function handIn(command: Command, key: string | null, branch = 'main'): Promise<Answer> {
  return createDesk({ recording, repository: () => repository, branch: () => branch }).submit(command, 'local:Ana', key);
}

describe('a rebuild', () => {
  test('without a sha is of the head of the branch', async () => {
    expect(await submit({ command: 'rebuild', project: 'hello' })).toMatchObject({ status: 'applied' });
    expect(line.project.pushed).toMatchObject({ sha: shaOf('b2'), declared: '1.0.0', subject: 'change b2', author: 'Ben' });
  });

  test('of a sha does not ask for the head', async () => {
    expect(await submit({ command: 'rebuild', project: 'hello', sha: shaOf('a1') })).toMatchObject({ status: 'applied' });
    expect(line.project.pushed?.sha).toBe(shaOf('a1'));
    expect(asked).toEqual([shaOf('a1')]);
  });

  test.each([
    ['a sha that the repository does not know', { sha: shaOf('f0') }, 'main'],
    ['a branch without a commit', {}, 'empty'],
  ])('of %s is refused: an answer, not a failure', async (_what, which, branch) => {
    expect(await submit({ command: 'rebuild', project: 'hello', ...which }, null, branch)).toMatchObject({
      status: 'refused',
      refusal: { code: 'unresolvable' },
    });
  });

  test('is unavailable when the repository cannot be asked, and nothing is recorded', async () => {
    repository.head = async () => Promise.reject(new GitError('The repository /srv/hello.git is missing.'));
    const failed = submit({ command: 'rebuild', project: 'hello' }, 'k1');
    await expect(failed).rejects.toThrow(Failure);
    await expect(failed).rejects.toMatchObject({ code: 'unavailable', message: 'The repository /srv/hello.git is missing.' });
    expect(intents).toEqual([]);
  });

  test('a defect is not dressed up as trouble with the repository', async () => {
    repository.describe = async () => Promise.reject(new TypeError('a defect'));
    await expect(submit({ command: 'rebuild', project: 'hello' })).rejects.toThrow(TypeError);
  });

  test('of a project that nobody knows asks no repository', async () => {
    expect(await submit({ command: 'rebuild', project: 'another' })).toMatchObject({ status: 'refused' });
    expect(asked).toEqual([]);
  });

  test('that was answered under its key is answered again, also when the repository cannot be asked any more', async () => {
    const first = await submit({ command: 'rebuild', project: 'hello' }, 'k1');
    repository.head = async () => Promise.reject(new GitError('gone'));
    await expect(submit({ command: 'rebuild', project: 'hello' }, 'k1')).resolves.toEqual(first);
    expect(intents[1]?.body_hash).toBe(intents[0]?.body_hash);
  });
});

describe('the body hash', () => {
  const hash = async (input: unknown, key: string | null = 'k'): Promise<string | null | undefined> => (
    await submit(input, key),
    intents.at(-1)?.body_hash
  );
  const promote = { command: 'promote', project: 'hello', tier: 'host', reason: 'why', expect: { version: '1.0.0', sha: shaOf('a1') } };

  test('is the same whatever the order of the fields, deep ones too', async () => {
    const command = Command.parse(promote);
    await handIn(command, 'k1');
    // Not parsed again: that would put the fields in order.
    await handIn(turned(command), 'k2');
    expect(Object.keys(turned(command))).not.toEqual(Object.keys(command));
    expect(intents[1]?.body_hash).toBe(intents[0]?.body_hash);
    expect(intents[0]?.body_hash).toMatch(/^[0-9a-f]{64}$/);
  });

  test('is another one for another command', async () => {
    expect(await hash({ ...promote, reason: 'because' })).not.toBe(await hash(promote));
  });

  test('is there only with a key', async () => {
    expect(await hash(promote, null)).toBeNull();
  });
});

test('other commands ask git nothing, and go on with actor and key', async () => {
  await submit({ command: 'rollback', project: 'hello', tier: 'host' }, 'k9');
  expect(asked).toEqual([]);
  expect(intents[0]).toMatchObject({ actor: 'local:Ana', key: 'k9' });
  expect(intents[0]).not.toHaveProperty('resolved');
});

/** The same value with the fields of every object in the opposite order. */
function turned<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, inner]) => [name, turned(inner)]),
  ) as T;
}

describe('what was looked up too long ago', () => {
  test('rebuilds of one project are recorded in the order in which they came, however long each look-up takes', async () => {
    const described = new Map<string, () => void>();
    const known = repository;
    repository = {
      ...known,
      describe: async (sha) => {
        await new Promise<void>((resolve) => void described.set(sha, resolve));
        return known.describe(sha);
      },
    };
    const desk = createDesk({ recording, repository: () => repository, branch: () => 'main' });
    const rebuild = (short: string) => Command.parse({ command: 'rebuild', project: 'hello', sha: shaOf(short) });
    const both = [desk.submit(rebuild('a1'), 'hook:Ana', null), desk.submit(rebuild('b2'), 'hook:Ben', null)];
    // The second is not even looked up before the first is recorded.
    await vi.waitFor(() => expect([...described.keys()]).toEqual([shaOf('a1')]));
    described.get(shaOf('a1'))?.();
    await vi.waitFor(() => expect(described.get(shaOf('b2'))).toBeDefined());
    described.get(shaOf('b2'))?.();
    await Promise.all(both);
    expect(intents.map(({ resolved }) => resolved?.sha)).toEqual([shaOf('a1'), shaOf('b2')]);
    expect(line.project.build?.sha).toBe(shaOf('b2'));
  });

  test('one that fails does not keep the next from its turn', async () => {
    const desk = createDesk({ recording, repository: () => repository, branch: () => 'main' });
    const rebuild = (sha: string) => Command.parse({ command: 'rebuild', project: 'hello', sha });
    const known = repository;
    repository = {
      ...known,
      describe: async (sha) => {
        if (sha === shaOf('a1')) throw new GitError('The repository is gone.');
        return known.describe(sha);
      },
    };
    const first = desk.submit(rebuild(shaOf('a1')), 'local:Ana', null);
    const second = desk.submit(rebuild(shaOf('b2')), 'local:Ana', null);
    await expect(first).rejects.toThrow('The repository is gone.');
    expect(await second).toMatchObject({ status: 'applied' });
  });

  test('a head of the branch that a push has overtaken meanwhile is not built over it; the answer says whose push', async () => {
    const known = repository;
    repository = {
      ...known,
      describe: async (sha) => {
        line.command({ command: 'rebuild', sha: shaOf('c3') }, 'hook:Cem', 'c3');
        return known.describe(sha);
      },
    };
    expect(await submit({ command: 'rebuild', project: 'hello' })).toMatchObject({
      status: 'refused',
      refusal: { code: 'replaced', by: 'hook:Cem', at: line.project.pushed?.at },
    });
    expect(line.project.build).toMatchObject({ sha: shaOf('c3'), status: 'running' });
  });

  test('a commit that was named is built, whatever was pushed meanwhile', async () => {
    const known = repository;
    repository = {
      ...known,
      describe: async (sha) => {
        line.command({ command: 'rebuild', sha: shaOf('c3') }, 'hook:Cem', 'c3');
        return known.describe(sha);
      },
    };
    expect(await submit({ command: 'rebuild', project: 'hello', sha: shaOf('a1') })).toMatchObject({ status: 'applied' });
  });
});
