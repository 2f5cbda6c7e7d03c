import { describe, expect, test } from 'vitest';
import { attemptsOf } from '../../src/shared/fold/select.ts';
import { ProjectId, SYSTEM_ACTOR } from '../../src/shared/protocol/ids.ts';
import type { Outcome } from '../../src/shared/protocol/outcome.ts';
import { given, Line } from './given.ts';
import { PRODUCTION, STAGING, versionOf, type TierSpec } from './given_line.ts';

const hello = ProjectId.parse('hello');
const INTERRUPTED: Outcome = { status: 'failed', classification: { type: 'interrupted', suspect: 'machine' } };

const host = (retry_interrupted: number): TierSpec => ({
  id: 'host',
  gates: [
    { id: 'unit_tests', kind: 'command', retry_interrupted },
    { id: 'boot_smoke', kind: 'boot_smoke' },
  ],
});

function building(builds_again: number): Line {
  const line = new Line();
  line.builds_again = builds_again;
  return line.reload(host(0), STAGING, PRODUCTION).push('a1');
}

/** What the engine tells at its start of a run that was in flight. */
function restarted(line: Line): Line {
  const { build } = line.project;
  if (build?.status === 'running')
    return line.fact({
      fact: 'build_ended',
      project: hello,
      run_id: build.run_id,
      elapsed_s: 0,
      log: null,
      outcome: INTERRUPTED,
      ended_by: 'restart',
    });
  const run_id = line.gateRun('host', 'unit_tests');
  return line.fact({ fact: 'gate_ended', project: hello, run_id, outcome: INTERRUPTED, ended_by: 'restart' });
}

describe('a build that a restart interrupted', () => {
  test('begins again as often as the config allows, as a new run of the same version, recorded with cause and the system as actor', () => {
    const line = restarted(building(2)).expectEvents(['build_failed', 'build_start']);
    expect(line.commit[1]).toMatchObject({ version: versionOf('a1'), attempt: 2, actor: SYSTEM_ACTOR });
    expect(line.project.build).toMatchObject({ status: 'running', version: versionOf('a1'), first_run_id: 1 });
    restarted(line).expectEvents(['build_failed', 'build_start']);
    expect(line.project.build).toMatchObject({ status: 'running', run_id: 3, first_run_id: 1 });
    restarted(line).expectEvents(['build_failed']);
    expect(line.project.runs.map((run) => [run.attempt, run.status, run.version])).toEqual(
      [1, 2, 3].map((attempt) => [attempt, 'failed', versionOf('a1')]),
    );
    expect(line.project.build).toMatchObject({ status: 'failed' });
  });

  test('that passes the second time is the release under the version of the first', () => {
    const line = restarted(building(1)).buildPassed();
    expect(line.release('a1')).toMatchObject({ version: versionOf('a1') });
    expect(line.gate('host', 'unit_tests')).toMatchObject({ status: 'running' });
  });

  test('stays where it is when the config says nothing', () => {
    restarted(building(0)).expectEvents(['build_failed']);
  });

  test('never goes a third time, whatever a log says', () => {
    const line = building(7);
    for (let n = 0; n < 5; n++) if (line.project.build?.status === 'running') restarted(line);
    expect(line.project.runs).toHaveLength(3);
  });

  test('a defect, a cancel and a newer push do not begin it again', () => {
    building(2).buildEnded(INTERRUPTED).expectEvents(['build_failed']);
    building(2).command({ command: 'cancel_run', run_id: 1 }).expectEvents(['build_aborted']);
    building(2).push('b2').expectEvents(['rebuild_requested', 'build_aborted', 'build_start']);
  });

  test('a late word of the attempt before changes nothing', () => {
    const line = restarted(building(1));
    line.fact({ fact: 'build_ended', project: hello, run_id: 1, elapsed_s: 1, log: null, outcome: { status: 'passed' } }).expectNothing();
    expect(line.project.build).toMatchObject({ run_id: 2, status: 'running' });
  });
});

describe('a gate that a restart interrupted', () => {
  const testing = (again: number): Line => given(host(again), STAGING, PRODUCTION).push('a1').buildPassed();

  test('begins again as often as the config allows; attempts are kept, and it says nothing against the release', () => {
    const line = restarted(testing(2)).expectEvents(['gate_done', 'gate_retry_requested', 'gate_start']);
    expect(line.commit[1]).toMatchObject({ actor: SYSTEM_ACTOR, reason: 'interrupted' });
    expect(line.gate('host', 'unit_tests')).toMatchObject({ status: 'running', attempt: 2, retried: 1 });
    restarted(line).expectEvents(['gate_done', 'gate_retry_requested', 'gate_start']);
    restarted(line).expectEvents(['gate_done']);
    expect(line.gate('host', 'unit_tests')).toMatchObject({ status: 'failed', attempt: 3, retried: 2 });
    expect(attemptsOf(line.project, 'host', 'unit_tests', versionOf('a1')).map((run) => run.attempt)).toEqual([1, 2, 3]);
    expect(line.release('a1').failed).toEqual([]);
  });

  test('that a person asks for after that is counted anew', () => {
    const line = restarted(restarted(testing(1))).command({ command: 'retry_gate', tier: 'host', gate: 'unit_tests' });
    expect(line.gate('host', 'unit_tests')).toMatchObject({ status: 'running', attempt: 3 });
    restarted(line).expectEvents(['gate_done', 'gate_retry_requested', 'gate_start']);
    restarted(line).expectEvents(['gate_done']);
  });

  test('stays where it is when the config says nothing, and after a cancel or a defect', () => {
    restarted(testing(0)).expectEvents(['gate_done']);
    testing(2).gateEnded('host', 'unit_tests', INTERRUPTED).expectEvents(['gate_done']);
    const cancelled = testing(2);
    const run_id = cancelled.gateRun('host', 'unit_tests');
    cancelled.command({ command: 'cancel_run', run_id });
    restarted(cancelled).expectNothing();
    cancelled.fact({ fact: 'gate_ended', project: hello, run_id, outcome: INTERRUPTED, ended_by: 'restart' }).expectNothing();
  });
});

test('a deploy that a restart interrupted is never begun again, whatever the config allows', () => {
  const line = new Line();
  line.builds_again = 2;
  line.reload(host(2), STAGING, PRODUCTION).throughHost('a1').deployFailed('staging', 'staging-1', 'interrupted');
  line.expectEvents(['deploy_failed', 'promote_failed']);
  expect(line.tier('staging')).toMatchObject({ move: null, current: { deployed: 'failed' }, hand_only: { why: 'deploy_failed' } });
});

test('a version that turns out to be taken is left for the next free one, by the system, in one commit', () => {
  const line = building(0);
  const version = versionOf('a1');
  line
    .fact({ fact: 'version_taken', project: hello, run_id: 1, taken: [version, `${version}.2`] })
    .expectEvents(['build_aborted', 'build_start']);
  expect(line.project.build).toMatchObject({ version: `${version}.3`, status: 'running', run_id: 2 });
  line.buildPassed();
  expect(line.project.releases.map((release) => release.version)).toEqual([`${version}.3`]);
  line.fact({ fact: 'version_taken', project: hello, run_id: 1, taken: [] }).expectNothing();
});
