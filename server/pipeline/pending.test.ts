import { describe, expect, test } from 'vitest';
import { EMPTY_STATE } from '../../src/shared/fold/state.ts';
import { given, type Line } from './given.ts';
import { HOST, PRODUCTION, shaOf, STAGING, versionOf } from './given_line.ts';
import { pending } from './pending.ts';

const owed = (line: Line): object[] => pending(line.state);
const of = (short: string): object => ({ project: 'hello', version: versionOf(short), sha: shaOf(short) });
const start = (): Line => given(HOST, STAGING, PRODUCTION);

test('nothing owes nothing', () => {
  expect(pending(EMPTY_STATE)).toEqual([]);
  expect(owed(start())).toEqual([]);
});

describe('what runs is owed, and nothing else', () => {
  test('a build', () => {
    expect(owed(start().push('a1'))).toMatchObject([{ type: 'build', run_id: 1, ...of('a1') }]);
    expect(owed(given({ id: 'host' }).push('a1').buildPassed())).toEqual([]);
  });

  test('a gate with a process, one at a time', () => {
    expect(owed(start().push('a1').buildPassed())).toMatchObject([{ type: 'gate', tier: 'host', gate: 'unit_tests', ...of('a1') }]);
    expect(owed(start().push('a1').buildPassed().gatePassed('host', 'unit_tests'))).toMatchObject([{ type: 'gate', gate: 'boot_smoke' }]);
    expect(owed(start().push('a1').buildPassed().gateFailed('host', 'unit_tests'))).toEqual([]);
  });

  test('a deploy, with the fence it was given', () => {
    const line = start().throughHost('a1');
    const { run_id, seq_no } = line.node('staging', 'staging-1').deploy ?? {};
    expect(owed(line)).toMatchObject([{ type: 'deploy', tier: 'staging', node: 'staging-1', run_id, seq_no, ...of('a1') }]);
    expect(owed(line.deployFailed('staging', 'staging-1'))).toEqual([]);
  });

  test('a burn-in with its stored end, but no confirm: nobody can do that for a person', () => {
    const line = start().throughHost('a1').deployOk('staging', 'staging-1', 'staging-2');
    const gate = line.gate('staging', 'burn_in');
    expect(owed(line)).toMatchObject([
      { type: 'burn_in', tier: 'staging', until: gate?.status === 'burning_in' ? gate.until : null, ...of('a1') },
    ]);
    expect(owed(line.burnedIn('staging'))).toEqual([]);
  });
});

test('a newer push: the build in flight and the gate of the older release are owed no more', () => {
  const line = start().push('a1').push('b2');
  expect(owed(line)).toMatchObject([{ type: 'build', ...of('b2') }]);
  expect(owed(start().push('a1').buildPassed().push('b2'))).toMatchObject([{ type: 'build', ...of('b2') }]);
});

test('a cancelled run is owed no more', () => {
  const line = start().push('a1').buildPassed();
  expect(owed(line.command({ command: 'cancel_run', run_id: line.gateRun('host', 'unit_tests') }))).toEqual([]);
});

test('a rollback owes the deploy of the release before, not that of the one it takes off', () => {
  const line = start().toProduction('a1').toConfirm('b2').command({ command: 'confirm', tier: 'staging' });
  expect(owed(line)).toMatchObject([{ type: 'deploy', tier: 'production', node: 'prod-1', ...of('b2') }]);
  line.command({ command: 'rollback', tier: 'production' });
  expect(owed(line)).toMatchObject([{ type: 'deploy', tier: 'production', node: 'prod-1', ...of('a1') }]);
});
