/**
 * The command desk: where routes hand in an operator's command. It looks up in git what deciding needs, because deciding does no I/O, and
 * hashes the command so that one key cannot mean two things. It decides nothing and stores nothing itself. Rebuilds of one project are looked up
 * and recorded in the order in which they came: else the slower look-up of an older push would put the newer build off.
 */
import { createHash } from 'node:crypto';
import type { Command, Answer } from '../../src/shared/protocol/commands.ts';
import type { Actor } from '../../src/shared/protocol/ids.ts';
import { findProject } from '../../src/shared/fold/select.ts';
import { GitError, type Repository } from '../emitters/git_port.ts';
import { Failure } from '../failure.ts';
import type { CommandDesk, Recording } from '../recorder_port.ts';
import type { ResolvedCommit } from './intent.ts';

export interface DeskDeps {
  recording: Recording;
  repository: (project: string) => Repository;
  branch: (project: string) => string;
}

export function createDesk({ recording, repository, branch }: DeskDeps): CommandDesk {
  const turns = new Map<string, Promise<unknown>>();

  /** After everything that was handed in for the project before, whatever became of it. */
  function inTurn<T>(project: string, body: () => Promise<T>): Promise<T> {
    const before = turns.get(project) ?? Promise.resolve();
    const mine = before.then(body, body);
    const gone = mine.then(
      () => undefined,
      () => undefined,
    );
    turns.set(project, gone);
    void gone.then(() => turns.get(project) === gone && turns.delete(project));
    return mine;
  }

  async function resolve(command: Command): Promise<ResolvedCommit | undefined> {
    const project = command.command === 'rebuild' ? findProject(recording.state(), command.project) : undefined;
    if (command.command !== 'rebuild' || project === undefined) return undefined;
    try {
      const repo = repository(command.project);
      const sha = command.sha ?? (await repo.head(branch(command.project)));
      const commit = sha === null ? null : await repo.describe(sha);
      if (commit === null) return undefined;
      return command.sha === undefined ? { ...commit, head_seen: project.head } : commit;
    } catch (cause) {
      if (cause instanceof GitError) throw new Failure('unavailable', cause.message, { cause });
      throw cause;
    }
  }

  async function handIn(command: Command, actor: Actor, key: string | null): Promise<Answer> {
    // A key that has its answer gets it again, also when the repository cannot be asked any more.
    const resolved = key !== null && recording.answerOf(key) !== null ? undefined : await resolve(command);
    const body_hash = key === null ? null : createHash('sha256').update(canonical(command)).digest('hex');
    const answer = await recording.record({
      type: 'command',
      command,
      actor,
      key,
      body_hash,
      ...(resolved === undefined ? {} : { resolved }),
    });
    if (answer === null) throw new Error(`${command.command} was recorded without an answer`);
    return answer;
  }

  return {
    submit: (command, actor, key) =>
      command.command === 'rebuild' ? inTurn(command.project, () => handIn(command, actor, key)) : handIn(command, actor, key),
  };
}

/** The same command gives the same text whatever the order of its fields. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, v: unknown) =>
    typeof v === 'object' && v !== null && !Array.isArray(v)
      ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)))
      : v,
  );
}
