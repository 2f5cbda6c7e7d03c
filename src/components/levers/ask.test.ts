import { describe, expect, test } from 'vitest';
import { can } from '../../shared/fold/can.ts';
import { ME, Story, whole } from '../story_for_tests.ts';
import { checkLever, leversOf, promoteLever, type LeverCheck, type LeverSpec } from './ask.ts';

const short = (version: string): string => version.replace(/\+.*/, '');
const checkIn =
  (story: Story): LeverCheck =>
  (command) => {
    const verdict = can(story.state, command, ME);
    return verdict.allowed ? verdict : { allowed: false, reason: verdict.refusal.message };
  };
const levers = (story: Story, tier: string): LeverSpec[] => leversOf(story.project, story.tier(tier), short);
const works = (story: Story, tier: string): string[] =>
  levers(story, tier)
    .filter((spec) => checkLever(spec, checkIn(story)).allowed)
    .map((spec) => spec.name);

describe('the levers of a tier', () => {
  test('are named by what they do and where', () => {
    expect(levers(new Story().waits('1.0.0'), 'staging').map((spec) => spec.name)).toEqual([
      'Confirm 1.0.0 on staging',
      'Promote 1.0.0 to staging',
      'Roll back staging',
      'Redeploy staging',
    ]);
  });
  test('begin their names with their labels, for those who speak what they see', () => {
    const story = new Story()
      .everywhere('1.0.0')
      .waits('1.0.1')
      .tell({ kind: 'release_held', tier: 'staging', version: whole('1.0.0'), actor: ME });
    for (const tier of ['host', 'staging', 'production'])
      for (const spec of levers(story, tier)) expect(spec.name.startsWith(spec.label.replace('…', ''))).toBe(true);
  });
  test('work exactly when the server would do it', () => {
    expect(works(new Story(), 'staging')).toEqual([]);
    expect(works(new Story().waits('1.0.0'), 'staging')).toEqual(['Confirm 1.0.0 on staging']);
    expect(works(new Story().everywhere('1.0.0').waits('1.0.1'), 'staging')).toEqual(['Confirm 1.0.1 on staging', 'Roll back staging']);
  });
  test('say why not, in the words of the rule', () => {
    const story = new Story().waits('1.0.0');
    const rollback = levers(story, 'staging').find((spec) => spec.ask.type === 'rollback');
    const verdict = rollback && checkLever(rollback, checkIn(story));
    expect(verdict?.allowed === false && verdict.reason).toContain('nothing to roll back to');
  });
  test('promote works while only a hotfix is possible', () => {
    const story = new Story([
      {
        id: 'staging',
        auto_promote: true,
        canary: 'sequential',
        gates: [{ id: 'burn_in', kind: 'burn_in', for_s: 60 }],
        nodes: [{ id: 's', health: 'none' }],
      },
      { id: 'production', auto_promote: false, canary: 'sequential', gates: [], nodes: [{ id: 'p', health: 'none' }] },
    ]);
    story.pushed('1.0.0').built('1.0.0').starts('staging', 'burn_in', '1.0.0');
    const spec = promoteLever(story.project, story.tier('production'), null, short);
    expect(spec.probes.map((probe) => checkIn(story)(probe).allowed)).toEqual([false, true]);
    expect(checkLever(spec, checkIn(story)).allowed).toBe(true);
  });
  test('offer to end what runs', () => {
    const story = new Story().pushed('1.0.0').built('1.0.0').starts('host', 'unit_tests', '1.0.0');
    expect(works(story, 'host')).toContain('Cancel run of unit_tests on host');
  });
});
