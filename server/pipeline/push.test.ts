import { describe, expect, test } from 'vitest';
import { runOf } from '../../src/shared/fold/runs.ts';
import { given, Line } from './given.ts';
import { commitOf, HOST, PRODUCTION, shaOf, STAGING, versionOf } from './given_line.ts';
import { pending } from './pending.ts';
import { ProjectId } from '../../src/shared/protocol/ids.ts';

const line = () => given(HOST, STAGING, PRODUCTION);
const hello = ProjectId.parse('hello');

describe('a newer push', () => {
  test('stops the build in flight', () => {
    const l = line().push('a1').push('b2').expectEvents(['rebuild_requested', 'build_aborted', 'build_start']);
    expect(l.commit[1]).toMatchObject({ sha_aborted: shaOf('a1'), run_id: 1, reason: 'superseded' });
    expect(runOf(l.project, 1)?.status).toBe('cancelled');
    expect(pending(l.state)).toMatchObject([{ type: 'build', run_id: 2, sha: shaOf('b2') }]);
  });

  test('stops the process gates of an older release in the first tier', () => {
    const l = line().push('a1').buildPassed().push('b2').expectEvents(['rebuild_requested', 'run_cancelled', 'build_start']);
    expect(l.commit[1]).toMatchObject({ gate: 'unit_tests', version: versionOf('a1'), reason: 'superseded' });
    expect(pending(l.state)).toMatchObject([{ type: 'build' }]);
    l.buildPassed();
    expect(l.tier('host').current?.version).toBe(versionOf('b2'));
  });

  test('stops no deploy, not even in the first tier, and no later tier', () => {
    const l = given({ ...HOST, nodes: ['host-1'] }, STAGING)
      .push('a1')
      .buildPassed();
    l.push('b2').expectEvents(['rebuild_requested', 'build_start']);
    expect(pending(l.state).map((e) => e.type)).toEqual(['build', 'deploy']);
    const later = line().throughHost('a1').push('b2').expectEvents(['rebuild_requested', 'build_start']);
    expect(pending(later.state).map((e) => e.type)).toEqual(['build', 'deploy']);
  });

  test('leaves a burn-in and a confirm of the first tier alone', () => {
    const l = given({ id: 'host', gates: STAGING.gates! }).push('a1').buildPassed();
    l.push('b2')
      .expectEvents(['rebuild_requested', 'build_start'])
      .burnedIn('host')
      .push('c3')
      .expectEvents(['rebuild_requested', 'build_aborted', 'build_start']);
    expect(l.gate('host', 'manual_confirm')?.status).toBe('awaiting_confirm');
  });
});

describe('one push, reported twice', () => {
  const hook = 'hook:ben';
  test('by the hook and then by the minute check: the check is late', () => {
    line().command({ command: 'rebuild' }, hook, 'a1').push('a1').expectNothing();
  });

  test('by the minute check and then by the hook: built once, signed by the pusher', () => {
    const l = line().push('a1').command({ command: 'rebuild' }, hook, 'a1').expectEvents(['rebuild_requested']);
    expect(l.project.pushed?.by).toBe(hook);
    expect(pending(l.state)).toHaveLength(1);
    expect(l.buildPassed().release('a1').by).toBe(hook);
  });

  test('but a person who asks for it again gets it built again, as .2', () => {
    const l = line().push('a1').buildPassed();
    l.command({ command: 'rebuild' }, 'local:Ana', 'a1').buildPassed();
    l.command({ command: 'rebuild' }, 'local:Ana', 'a1').buildPassed();
    expect(l.project.releases.map((r) => r.version)).toEqual([`${versionOf('a1')}.3`, `${versionOf('a1')}.2`, versionOf('a1')]);
  });

  test('an older commit that a person builds again is not taken for a missed push of the branch head', () => {
    const l = line().push('a1').buildPassed().push('b2').buildPassed();
    l.command({ command: 'rebuild', sha: shaOf('a1') });
    l.push('b2').expectNothing();
    expect(l.project.build).toMatchObject({ sha: shaOf('a1'), status: 'running' });
  });

  test('a head that a person asked for before anybody noticed the push is built once', () => {
    const l = line().push('a1').command({ command: 'rebuild' }, 'local:Ana', 'b2').push('b2').expectEvents(['rebuild_requested']);
    expect(l.project.build?.version).toBe(versionOf('b2'));
    expect(l.push('b2').expectNothing().buildPassed().release('b2')).toMatchObject({ by: 'local:Ana', author: 'Ben' });
  });

  test('a head that a person asked for before anybody noticed the push is not built over an older commit asked for later', () => {
    const l = line().push('a1').buildPassed().command({ command: 'rebuild' }, 'local:Ana', 'b2').push('b2').buildPassed();
    l.command({ command: 'rebuild', sha: shaOf('a1') })
      .push('b2')
      .expectNothing();
    expect(l.project.build).toMatchObject({ sha: shaOf('a1'), status: 'running' });
  });

  test('a head whose build a person has stopped is not built again by the minute check', () => {
    const l = line().push('a1').command({ command: 'rebuild' }, 'local:Ana', 'b2');
    l.command({ command: 'cancel_run', run_id: l.project.build?.run_id ?? 0 })
      .push('b2')
      .expectEvents(['rebuild_requested']);
    expect(l.project).toMatchObject({ build: { status: 'aborted' }, head: shaOf('b2') });
  });

  test('a branch that is set back to an older commit is followed', () => {
    line().push('a1').push('b2').push('a1').expectEvents(['rebuild_requested', 'build_aborted', 'build_start']);
  });

  test('what is no commit is not a push', () => {
    const l = line();
    l.fact({ fact: 'pushed', project: hello, commit: { sha: 'HEAD', declared: null, subject: null, author: null } }).expectNothing();
  });
});

describe('a rebuild', () => {
  test('of a commit that git does not know is refused', () => {
    line().command({ command: 'rebuild' }, 'local:Ana', null).refused('unresolvable');
  });

  test('of a project that does not exist is refused', () => {
    line().command({ command: 'rebuild', project: 'other' }).refused('unknown_project');
  });

  test('keeps the version of an aborted build: its log is under that name', () => {
    const l = line().push('a1').push('b2').command({ command: 'rebuild' }, 'local:Ana', 'a1');
    expect(l.project.build?.version).toBe(`${versionOf('a1')}.2`);
  });
});

describe('the declared version', () => {
  test.each([
    ['2.1.0-rc.1', '2.1.0-rc.1+ga100000'],
    ['2.1.0+arm', '2.1.0+arm.ga100000'],
    ['not a version', '0.0.0+ga100000'],
    [null, '0.0.0+ga100000'],
    [`1.0.0-${'x'.repeat(200)}`, '0.0.0+ga100000'],
  ])('%s', (declared, version) => {
    expect(line().push('a1', declared).project.build?.version).toBe(version);
  });
});

describe('run ids', () => {
  test('start above what the log store knows, and above what the log knows', () => {
    const l = new Line(41).reload(HOST).push('a1');
    expect(l.project.build?.run_id).toBe(42);
    expect(l.buildPassed().gateRun('host', 'unit_tests')).toBe(43);
  });

  test('do not follow a number that somebody made up', () => {
    const l = line();
    l.command({ command: 'cancel_run', run_id: Number.MAX_SAFE_INTEGER }).refused('unknown_run');
    expect(l.push('a1').project.build?.run_id).toBe(1);
  });
});

describe('a build that fails', () => {
  test('gives no release and says why', () => {
    const l = line()
      .push('a1')
      .buildEnded({ status: 'failed', classification: { type: 'exit_code', code: 2 }, excerpt: ['no such file'] })
      .expectEvents(['build_failed']);
    expect(l.project.releases).toEqual([]);
    expect(runOf(l.project, 1)).toMatchObject({ status: 'failed', why: { code: 2 }, excerpt: ['no such file'] });
  });

  test('because the server went down is an event like any other, and not repeated', () => {
    const l = line()
      .push('a1')
      .buildEnded({ status: 'failed', classification: { type: 'interrupted' } });
    expect(l.project.build?.status).toBe('failed');
    l.push('a1').expectNothing();
  });
});

describe('a late word', () => {
  test('of an aborted build yields nothing', () => {
    const l = line().push('a1').push('b2');
    l.fact({ fact: 'build_ended', project: hello, run_id: 1, elapsed_s: 1, log: null, outcome: { status: 'passed' } }).expectNothing();
    expect(l.project.releases).toEqual([]);
  });

  test('of a build, about a run that is none, yields nothing', () => {
    const l = line().push('a1').buildPassed();
    l.fact({
      fact: 'build_ended',
      project: hello,
      run_id: l.gateRun('host', 'unit_tests'),
      elapsed_s: 1,
      log: null,
      outcome: { status: 'passed' },
    }).expectNothing();
  });

  test('about a project that is gone yields nothing', () => {
    line()
      .fact({ fact: 'gate_ended', project: ProjectId.parse('other'), run_id: 1, outcome: { status: 'passed' } })
      .expectNothing();
  });
});

test('a push that was looked up before a newer one was recorded is not built over it', () => {
  const line = given(HOST).push('a1');
  const { head } = line.project;
  line.command({ command: 'rebuild', sha: shaOf('c3') }, 'hook:Cem', 'c3');
  const seen = (head_seen: string | null) =>
    line.fact({ fact: 'pushed', project: line.project.id, commit: { ...commitOf(shaOf('b2')), head_seen } });
  seen(head).expectNothing();
  expect(line.project.build).toMatchObject({ sha: shaOf('c3') });
  seen(line.project.head).expectEvents(['rebuild_requested', 'build_aborted', 'build_start']);
});
