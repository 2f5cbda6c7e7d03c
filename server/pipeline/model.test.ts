/** Random walks. A failure prints the seed, the path and the steps; `fc.assert(..., { seed, path })` replays it. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { can } from '../../src/shared/fold/can.ts';
import { fold } from '../../src/shared/fold/fold.ts';
import { EMPTY_STATE, RELEASES_KEPT, type State } from '../../src/shared/fold/state.ts';
import { makeDecide } from './decide.ts';
import type { Intent } from './intent.ts';
import { Watch } from './invariants.ts';
import { commandsIn, start, walk } from './walk.ts';
import { steps } from './walk_steps.ts';

const WALKS = 150;
const SWEEPS = 40;

test('whatever happens in whatever order, every promise holds after every commit', () => {
  fc.assert(
    fc.property(fc.nat(3), steps, (releases, walked) => {
      const line = start(releases);
      const watch = new Watch();
      let before: State = line.state;
      walk(line, walked, () => {
        watch.check(before, line.commit, line.state);
        before = line.state;
      });
    }),
    { numRuns: WALKS },
  );
});

test('`can` and `decide` agree on every command in every state', () => {
  const decide = makeDecide();
  const agree = (intent: Intent, state: State, now: string): void => {
    if (intent.type !== 'command') return;
    const verdict = can(state, intent.command, intent.actor);
    const decision = decide(intent, state, now);
    if (!verdict.allowed) expect(decision).toMatchObject({ type: 'refused', refusal: verdict.refusal });
    else if (intent.command.command === 'rebuild' && intent.resolved === undefined)
      expect(decision).toMatchObject({ type: 'refused', refusal: { code: 'unresolvable' } });
    else expect(decision.type === 'events' && decision.drafts.length > 0, JSON.stringify(intent.command)).toBe(true);
  };
  fc.assert(
    fc.property(fc.nat(3), steps, (releases, walked) => {
      const line = start(releases);
      walk(line, walked, () => undefined);
      for (const intent of commandsIn(line)) agree(intent, line.state, line.now);
    }),
    { numRuns: SWEEPS },
  );
});

test('a snapshot anywhere and the rest of the log give the state that the whole log gives', () => {
  fc.assert(
    fc.property(fc.nat(3), steps, fc.nat(), (releases, walked, cut) => {
      const line = start(releases);
      walk(line, walked, () => undefined);
      const at = cut % (line.log.length + 1);
      const snapshot = JSON.parse(JSON.stringify(line.log.slice(0, at).reduce(fold, EMPTY_STATE))) as State;
      expect(line.log.slice(at).reduce(fold, snapshot)).toStrictEqual(line.state);
      expect(line.log.reduce(fold, snapshot)).toStrictEqual(line.state);
      expect(JSON.parse(JSON.stringify(line.state))).toStrictEqual(line.state);
    }),
    { numRuns: SWEEPS },
  );
});

test('the state stays bounded over hundreds of releases', () => {
  const line = start(0);
  for (let n = 0; n < 300; n++) {
    line.throughHost(n.toString(16).padStart(3, '0'));
    if (line.tier('staging').move === null) line.command({ command: 'promote', tier: 'staging' });
    if (n % 3 !== 0) {
      line.command({ command: 'cancel_run', run_id: line.deployRun('staging', 'staging-1') });
      continue;
    }
    line.deployOk('staging', 'staging-1', 'staging-2').burnedIn('staging').command({ command: 'confirm', tier: 'staging' });
    if (line.tier('production').move === null) line.command({ command: 'promote', tier: 'production' });
    line.deployOk('production', 'prod-1', 'prod-2').gatePassed('production', 'e2e');
    if (n % 30 === 27) line.command({ command: 'rollback', tier: 'production' }).deployOk('production', 'prod-1', 'prod-2');
  }
  new Watch().check(line.state, [], line.state);
  const { project } = line;
  expect(project.releases.length).toBeLessThanOrEqual(RELEASES_KEPT + 24);
  expect(project.runs.length).toBeLessThan(500);
  expect(JSON.stringify(line.state).length).toBeLessThan(400_000);
});
