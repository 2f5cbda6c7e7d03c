import { expect, test } from 'vitest';
import { Story, TIERS, whole } from './story_for_tests.ts';
import { tryNext } from './try_next.ts';

const ticks = (story: Story): boolean[] | undefined => tryNext(story.state)?.steps.map((step) => step.done);

test('comes when the first release runs on every tier, and not before', () => {
  expect(tryNext(new Story().waits('1.0.0').state)).toBeNull();
  expect(tryNext(new Story().everywhere('1.0.0').state)).toMatchObject({ version: whole('1.0.0') });
});

test('never comes in a line that only looks like the demo', () => {
  const oneStagingNode = TIERS.map((tier) => (tier.id === 'staging' ? { ...tier, nodes: tier.nodes.slice(0, 1) } : tier));
  expect(tryNext(new Story(oneStagingNode).everywhere('1.0.0').state)).toBeNull();
  const story = new Story().everywhere('1.0.0');
  story.tell({
    kind: 'entity',
    action: 'created',
    entity_type: 'project',
    entity_id: 'shop',
    project: 'shop',
    data: { branch: 'main', tiers: TIERS },
  });
  expect(tryNext(story.state)).toBeNull();
});

test('is ticked by what happens, one command at a time', () => {
  const story = new Story().everywhere('1.0.0');
  expect(ticks(story)).toEqual([false, false, false]);
  expect(ticks(story.green('1.0.1'))).toEqual([true, false, false]);
  story
    .pushed('1.0.2')
    .built('1.0.2')
    .starts('host', 'unit_tests', '1.0.2')
    .ends('host', 'unit_tests', '1.0.2', { status: 'failed', classification: { type: 'tests_failed', failed: 1, passed: 0, names: [] } });
  expect(ticks(story)).toEqual([true, true, false]);
  story.green('1.0.3').enters('staging', '1.0.3').deploys('staging', 'staging-1', '1.0.3', { type: 'health_check' });
  expect(ticks(story)).toEqual([true, true, true]);
});
