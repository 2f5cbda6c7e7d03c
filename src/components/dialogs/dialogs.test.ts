import { describe, expect, test } from 'vitest';
import type { TierState } from '../../shared/fold/state.ts';
import { ME, Story, TIERS, whole } from '../story_for_tests.ts';
import { confirmWords } from './confirm_words.ts';
import { decidedWhileOpen, replacedWhileOpen } from './moved.ts';
import { planWords } from './plan.ts';

const saw = (story: Story, tier = 'staging'): { project: string; tier: string; version: string | null } => ({
  project: 'hello',
  tier,
  version: story.tier(tier).current?.version ?? null,
});

describe('while a dialog is open', () => {
  test('nothing is said as long as the release is the one that was seen', () => {
    const story = new Story().waits('1.0.0');
    const seen = saw(story);
    expect(decidedWhileOpen(story.later(60).green('1.0.1').state, seen, ME)).toBeNull();
  });
  test('another release in its place is named', () => {
    const story = new Story().waits('1.0.0');
    const seen = saw(story);
    story.green('1.0.1').enters('staging', '1.0.1');
    const said = replacedWhileOpen(story.state, seen, ME) ?? '';
    expect(said.startsWith(`Not done. ${whole('1.0.1')} replaced ${whole('1.0.0')} while this was open. `)).toBe(true);
    expect(said).toMatch(/open\. (?:\S+, )?\d\d:\d\d:\d\d\.$/);
  });
  test('somebody else who decided is named, with the time', () => {
    const story = new Story().waits('1.0.0');
    const seen = saw(story);
    story.confirmed('1.0.0', 'local:Ben');
    expect(decidedWhileOpen(story.state, seen, ME)).toMatch(/^Not done\. Ben confirmed 1\.0\.0\S+ at \d\d:\d\d:\d\d, before you\.$/);
  });
  test('a tier that is gone is no place to act on', () => {
    const story = new Story().waits('1.0.0');
    const seen = saw(story);
    story.tell({
      kind: 'entity',
      action: 'updated',
      entity_type: 'project',
      entity_id: 'hello',
      data: { branch: 'main', tiers: TIERS.slice(0, 1) },
    });
    expect(replacedWhileOpen(story.state, seen, ME)).toBe('Not done. hello has no tier staging any more.');
  });
});

describe('what a confirm would set off', () => {
  const words = (story: Story): ReturnType<typeof confirmWords> => confirmWords(story.project, story.tier('staging'), '1.0.0', ME);
  const tiers = (production: object): object[] => [...TIERS.slice(0, 2), { ...TIERS[2], ...production }];

  test('the next tier goes by itself: the title asks for that', () => {
    expect(words(new Story().waits('1.0.0'))).toEqual({
      title: 'Send 1.0.0 to production?',
      lines: ['Deploys prod-1, then prod-2; stops at the first failure.'],
    });
  });
  test('the next tier waits for a promote', () => {
    expect(words(new Story(tiers({ auto_promote: false })).waits('1.0.0'))).toEqual({
      title: 'Confirm 1.0.0 on staging?',
      lines: ['It does not go to production by itself: Promote becomes possible.'],
    });
  });
  test('the next tier is frozen', () => {
    const story = new Story().waits('1.0.0').tell({ kind: 'tier_frozen', tier: 'production', reason: 'audit', actor: ME });
    expect(words(story)).toEqual({ title: 'Confirm 1.0.0 on staging?', lines: ['production is frozen: 1.0.0 waits before it.'] });
  });
  test('another person is needed after this one', () => {
    const gate = { id: 'manual_confirm', kind: 'manual_confirm', approvals: 2 };
    const story = new Story([TIERS[0] ?? {}, { ...TIERS[1], gates: [gate] }]).green('1.0.0').runsOn('staging', '1.0.0');
    story
      .starts('staging', 'manual_confirm', '1.0.0')
      .ends('staging', 'manual_confirm', '1.0.0', { status: 'blocked', blockers: [{ type: 'awaiting_confirm', have: 0, need: 2 }] });
    expect(words(story)).toEqual({ title: 'Confirm 1.0.0 on staging?', lines: ['2 people must confirm; after you 1 more person.'] });
  });
});

describe('what a deploy would do', () => {
  const plan = (canary: TierState['canary'], nodes: string[]): string => {
    const story = new Story().everywhere('1.0.0');
    return planWords(story.project, { ...story.tier('production'), canary }, nodes);
  };
  test.each([
    ['sequential', ['a', 'b'], 'Deploys a, then b; stops at the first failure. Usually 40 s.'],
    ['sequential', ['a', 'b', 'c', 'd', 'e', 'f'], 'Deploys a, then 5 more one after another; stops at the first failure. Usually 2 min.'],
    ['parallel', ['a', 'b'], 'Deploys a and b at the same time. Usually 20 s.'],
    ['one_then_rest', ['a', 'b', 'c'], 'Deploys a first, then b and c at the same time; stops if a fails. Usually 40 s.'],
    ['sequential', ['a'], 'Deploys a. Usually 20 s.'],
    ['sequential', [], 'production has no nodes: nothing is deployed.'],
  ] as const)('%s over %j: %s', (canary, nodes, words) => expect(plan(canary, [...nodes])).toBe(words));
});
