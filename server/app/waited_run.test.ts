import { expect, it } from 'vitest';
import { EMPTY_STATE, type ProjectState, type Run, type State, type TierState } from '../../src/shared/fold/state.ts';
import { isWaitedOn } from './waited_run.ts';

const GATE = { id: 'unit', kind: 'command' };

function state(tier: object, ended_at: string | null = '2026-01-01T00:00:00.000Z'): State {
  const run = { run_id: 7, version: '1.0.0', ended_at } as unknown as Run;
  const tiers = [{ gates: [GATE], move: null, next: null, current: null, ...tier } as unknown as TierState];
  return { ...EMPTY_STATE, projects: [{ id: 'hello', runs: [run], tiers } as unknown as ProjectState] };
}

const current = (status: string): object => ({
  current: { version: '1.0.0', deployed: 'complete', entry: 'auto', gates: { unit: { status, have: [] } } },
});

it.each([
  ['a run that has not ended', state({}, null), true],
  ['a run of the release that waits for a hand', state(current('awaiting_confirm')), true],
  ['a run of the release that comes next', state({ next: { version: '1.0.0' } }), true],
  ['a run of a release that is decided', state(current('passed')), false],
  [
    'a run of a release that stands nowhere',
    state({ current: { version: '2.0.0', deployed: 'complete', entry: 'auto', gates: {} } }),
    false,
  ],
  ['a run that is not in the state', EMPTY_STATE, false],
])('%s', (_what, given, expected) => expect(isWaitedOn(given, 7)).toBe(expected));
