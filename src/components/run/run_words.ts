/** A run as its page tells it: what it is called, how it stands, why it ended so. */
import type { Run } from '../../shared/fold/state.ts';
import { displayName } from '../../shared/words/people.ts';
import { deployReason, reasonOf, type Reason } from '../../shared/words/reason.ts';
import { duration, secondsBetween, stopwatch } from '../../shared/words/time.ts';
import { counted } from '../../shared/words/version.ts';
import type { MarkKind } from '../panel/mark.ts';
import { runName, stuckReason } from './run_name.ts';

export interface RunStatusWords {
  mark: MarkKind;
  words: string;
}

/** @param now server-corrected ms. @param me the viewer's actor. */
export function runStatus(run: Run, now: number, me: string): RunStatusWords {
  const took = duration(secondsBetween(run.started_at, run.ended_at ?? now));
  switch (run.status) {
    case 'running':
      return {
        mark: run.type === 'deploy' ? 'deploying' : 'running',
        words: `${run.type === 'deploy' ? 'Deploying' : 'Running'} ${stopwatch(secondsBetween(run.started_at, now))}`,
      };
    case 'blocked':
      return blocked(run, took);
    case 'passed':
      return { mark: 'passed', words: `Passed in ${took}${run.tests === null ? '' : `, ${counted(run.tests.passed, 'test')}`}` };
    case 'failed':
      return run.why?.type === 'interrupted'
        ? { mark: 'interrupted', words: `Interrupted after ${took}` }
        : { mark: 'failed', words: `Failed after ${took}` };
    case 'cancelled':
      return { mark: 'stopped', words: stopped(run, me) };
    default:
      return run.status satisfies never;
  }
}

function blocked(run: Run, took: string): RunStatusWords {
  if (run.gate_kind === 'burn_in') return { mark: 'time', words: `Burn-in for ${took} so far` };
  return run.gate_kind === 'manual_confirm'
    ? { mark: 'hand', words: `Waits for a confirm for ${took}` }
    : { mark: 'queued', words: `Waits for ${took}` };
}

function stopped(run: Run, me: string): string {
  if (run.cancelled === null || run.cancelled.reason === 'superseded') return 'Stopped: newer push';
  const name = displayName(run.cancelled.by, me);
  const reason = run.cancelled.reason === '' ? '' : `: “${run.cancelled.reason}”`;
  return name === '' ? `Stopped${reason}` : `Cancelled by ${name === 'You' ? 'you' : name}${reason}`;
}

/** Why it failed, or does not end, in a sentence; null when neither is so. */
export function runReason(run: Run): Reason | null {
  if (run.status === 'running' && run.stuck !== undefined) return stuckReason(run.stuck.reason);
  if (run.status !== 'failed' || run.why === null) return null;
  if (run.type === 'deploy') return { headline: `${deployReason(run.why, run.node)}.`, suspect: '' };
  const { headline, suspect } = reasonOf(run.why, run.type === 'build' ? 'the build' : runName(run));
  return { headline: `${headline.charAt(0).toUpperCase()}${headline.slice(1)}.`, suspect };
}

/** What the log area says while it has no line. */
export function emptyLog(run: Run | null, now: number, ended: boolean, problem: string): string {
  if (problem !== '') return problem;
  if (run === null) return 'No output yet.';
  if (run.status === 'running' && !ended) return `No output yet, started ${duration(secondsBetween(run.started_at, now))} ago.`;
  return ended || run.log !== null ? 'It ended without a line of output.' : 'There is no log of this run.';
}
