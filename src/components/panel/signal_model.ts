/** A gate as a signal on the track: its mark, the words for it, and the run behind it. */
import { gateStatus } from '../../shared/fold/select.ts';
import type { GateDef, GateState, TierState } from '../../shared/fold/state.ts';
import type { Actor, RunId } from '../../shared/protocol/ids.ts';
import { byWhom } from '../../shared/words/people.ts';
import { duration, left, secondsBetween, stopwatch } from '../../shared/words/time.ts';
import { loudest, type MarkKind } from './mark.ts';

export interface SignalModel {
  id: string;
  /** Under the mark: `unit tests`. */
  label: string;
  mark: MarkKind;
  /** `Passed in 38 s`. */
  word: string;
  /** A second line under the label while time matters: `0:42`, `12 min`. */
  note: string | null;
  run_id: RunId | null;
}

/** `unit tests` of `unit_tests`; the two gates that are no programs have names of their own. */
export function gateLabel(gate: GateDef): string {
  if (gate.id === 'burn_in') return 'burn-in';
  return gate.id === 'manual_confirm' ? 'confirm' : gate.id.replaceAll('_', ' ');
}

export function signalOf(tier: TierState, gate: GateDef, now: number, me: Actor | null): SignalModel {
  const state = tier.current?.gates[gate.id];
  const run_id = state !== undefined && 'run_id' in state ? state.run_id : null;
  return { id: gate.id, label: gateLabel(gate), run_id, ...face(tier, gate, state, now, me) };
}

type Face = Pick<SignalModel, 'mark' | 'word' | 'note'>;
const face3 = (mark: MarkKind, word: string, note: string | null = null): Face => ({ mark, word, note });

function face(tier: TierState, gate: GateDef, state: GateState | undefined, now: number, me: Actor | null): Face {
  if (state === undefined) return face3('unlit', 'Not reached');
  switch (state.status) {
    case 'queued':
      return face3('queued', 'Waiting to start');
    case 'running': {
      const watch = stopwatch(secondsBetween(state.started_at, now));
      return face3('running', `Running ${watch}`, watch);
    }
    case 'burning_in': {
      const rest = left(secondsBetween(new Date(now).toISOString(), state.until));
      return face3('time', `Burn-in, ${rest}`, rest.replace(' left', ''));
    }
    case 'awaiting_confirm': {
      const count = state.need > 1 ? `${state.have.length} of ${state.need}` : null;
      return face3('hand', `Waits for a confirm${count === null ? '' : `, ${count}`}`, count);
    }
    case 'passed':
      if (state.outcome.status === 'passed' && state.outcome.skipped !== undefined)
        return face3('skipped', `Skipped${byWhom(state.outcome.skipped.by, me)}`);
      if (gate.kind === 'manual_confirm') return face3('passed', `Confirmed${byWhom(state.by ?? 'system:', me)}`);
      return face3('passed', `Passed in ${duration(secondsBetween(state.started_at, state.ended_at))}`);
    case 'failed':
      if (gateStatus(tier, gate) === 'interrupted') return face3('interrupted', 'Interrupted');
      return face3('failed', gateStatus(tier, gate) === 'rejected' ? `Rejected${byWhom(state.by ?? 'system:', me)}` : 'Failed');
    case 'cancelled':
      return face3('stopped', state.reason === 'superseded' ? 'Stopped: newer push' : `Cancelled${byWhom(state.by, me)}`);
    default:
      return state satisfies never;
  }
}

/** Many signals as one: the loudest mark, and how many of them are green. */
export function foldSignals(signals: readonly SignalModel[]): SignalModel {
  const mark = loudest(signals.map((signal) => signal.mark));
  const loud = signals.find((signal) => signal.mark === mark);
  const green = signals.filter((signal) => signal.mark === 'passed' || signal.mark === 'skipped').length;
  const count = `${green} of ${signals.length}`;
  return {
    id: 'all',
    label: mark === 'passed' || mark === 'unlit' || loud === undefined ? 'gates' : loud.label,
    mark,
    word: mark === 'passed' || mark === 'unlit' || loud === undefined ? `${count} gates passed` : `${loud.word}, ${count} gates passed`,
    note: count,
    run_id: loud?.run_id ?? null,
  };
}
