/** The push end of a line: the newest commit, and what became of its build. */
import { stepKey, usual } from '../../shared/fold/durations.ts';
import { nextWaitsFor } from '../../shared/fold/entry.ts';
import { runOf } from '../../shared/fold/runs.ts';
import type { ProjectState } from '../../shared/fold/state.ts';
import type { Actor, Instant, RunId } from '../../shared/protocol/ids.ts';
import { displayName } from '../../shared/words/people.ts';
import { ago, secondsBetween, stopwatch } from '../../shared/words/time.ts';
import type { MarkKind } from './mark.ts';
import type { Progress } from './station_model.ts';

export interface PushModel {
  /** The release being or last built; before a build has a version, what the commit declares. Null before the first push. */
  version: string | null;
  sha: string | null;
  subject: string | null;
  mark: MarkKind;
  /** `Built`, `Building 0:42`. */
  word: string;
  /** The line below: `Ben, 3 min ago`, `waits behind 1.4.0`. */
  note: string;
  at: Instant | null;
  run_id: RunId | null;
  progress: Progress | null;
}

const SHA_SHOWN = 7;

export function pushOf(project: ProjectState, now: number, me: Actor | null, short: (version: string) => string): PushModel {
  const { pushed, build } = project;
  const base = { subject: pushed?.subject ?? null, run_id: build?.run_id ?? null, progress: null, at: pushed?.at ?? null };
  if (pushed === null && build === null)
    return { ...base, version: null, sha: null, mark: 'unlit', word: 'No push yet', note: 'No push yet' };
  if (pushed !== null && pushed.sha !== build?.sha && build?.status !== 'running') {
    return {
      ...base,
      version: pushed.declared,
      sha: pushed.sha.slice(0, SHA_SHOWN),
      mark: 'queued',
      word: 'Waiting to build',
      note: 'Waiting to build',
      run_id: null,
    };
  }
  if (build === null) return { ...base, version: null, sha: null, mark: 'unlit', word: 'No push yet', note: 'No push yet' };
  const made = { ...base, version: build.version, sha: build.sha.slice(0, SHA_SHOWN) };
  switch (build.status) {
    case 'running': {
      const elapsed_s = secondsBetween(build.started_at, now);
      const step = usual(project, stepKey.build);
      const word = `Building ${stopwatch(elapsed_s)}`;
      return { ...made, mark: 'running', word, note: word, progress: step === null ? null : { elapsed_s, usual: step } };
    }
    case 'failed': {
      const interrupted = runOf(project, build.run_id)?.why?.type === 'interrupted';
      return {
        ...made,
        mark: interrupted ? 'interrupted' : 'failed',
        word: interrupted ? 'Build interrupted' : 'Build failed',
        note: interrupted ? 'Build interrupted' : 'Build failed',
      };
    }
    case 'aborted':
      return { ...made, mark: 'stopped', word: 'Stopped: newer push', note: 'Stopped: newer push' };
    case 'ok':
      return { ...made, mark: 'passed', word: 'Built', note: waitsBehind(project, build.version, short) ?? pushedWords(project, now, me) };
    default:
      return build.status satisfies never;
  }
}

function pushedWords(project: ProjectState, now: number, me: Actor | null): string {
  const pushed = project.pushed;
  if (pushed === null) return 'Built';
  const who = pushed.author ?? displayName(pushed.by, me);
  return who === '' ? ago(pushed.at, now) : `${who}, ${ago(pushed.at, now)}`;
}

function waitsBehind(project: ProjectState, version: string, short: (version: string) => string): string | null {
  for (const tier of project.tiers) {
    const wait = tier.next?.version === version ? nextWaitsFor(project, tier) : null;
    if (wait?.why === 'occupied') return `waits behind ${short(wait.by)}`;
  }
  return null;
}
