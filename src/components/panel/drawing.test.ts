import { describe, expect, test } from 'vitest';
import { ME, Story, whole } from '../story_for_tests.ts';
import { columnsOf, densityFor } from './layout.ts';
import { lineOf, loudestOf, type LineModel } from './line_model.ts';
import { loudest } from './mark.ts';
import { reasonsOf } from './reason_model.ts';

const drawn = (story: Story): LineModel => lineOf(story.project, story.now, ME);
const signals = (line: LineModel): string[] =>
  line.tiers.flatMap((tier) => tier.slots.map(({ signal }) => `${signal.label}: ${signal.word}`));
const names = (line: LineModel): string[] => line.tiers.map((tier) => tier.station.name);
const reasons = (story: Story): ReturnType<typeof reasonsOf> => reasonsOf(story.project, story.now, ME, drawn(story).short);

describe('a line', () => {
  test('is drawn at once, empty and unlit', () => {
    const line = drawn(new Story());
    expect(names(line)).toEqual(['host, no release yet', 'staging, no release yet', 'production, no release yet']);
    expect(line.tiers.every((tier) => tier.slots.every((slot) => slot.signal.mark === 'unlit' && !slot.into))).toBe(true);
    expect(line.push.note).toBe('No push yet');
    expect(line.tiers.map((tier) => tier.station.plate)).toEqual([[], [], []]);
  });

  test('shows a build with how long it takes, and a bar only when there is a history', () => {
    const story = new Story().pushed('1.0.0').building('1.0.0').later(42);
    expect(drawn(story).push).toMatchObject({ word: 'Building 0:42', mark: 'running', progress: null });
    const second = new Story().green('1.0.0').pushed('1.0.1').building('1.0.1').later(4);
    expect(drawn(second).push.progress).toEqual({ elapsed_s: 4, usual: { p50: 10, p90: 10, runs: 1 } });
  });

  test('has solid track where the release has been, and its train before the first signal that is not satisfied', () => {
    const story = new Story()
      .pushed('1.0.0')
      .built('1.0.0')
      .passes('host', 'unit_tests', '1.0.0')
      .starts('host', 'boot_smoke', '1.0.0')
      .later(3);
    const [host] = drawn(story).tiers;
    expect(host?.slots.map((slot) => [slot.into, slot.out, slot.train?.version ?? null])).toEqual([
      [true, true, null],
      [true, false, whole('1.0.0')],
    ]);
    expect(host?.onward).toEqual({ solid: false, frozen: false });
    expect(signals(drawn(story)).slice(0, 2)).toEqual(['unit tests: Passed in 5 s', 'boot smoke: Running 0:03']);
  });

  test('says who waits behind whom', () => {
    const line = drawn(new Story().waits('1.0.0').green('1.0.1'));
    expect(names(line)).toEqual(['host, 1.0.1, passed', 'staging, runs 1.0.0, waits for a confirm', 'production, no release yet']);
    expect(line.push.note).toBe('waits behind 1.0.0');
    expect(line.tiers[0]?.berth).toMatchObject({
      version: whole('1.0.1'),
      mark: 'queued',
      words: '1.0.1: Waits for staging: 1.0.0 is undecided there',
    });
  });

  test('counts a burn-in down', () => {
    const story = new Story().green('1.0.0').runsOn('staging', '1.0.0').starts('staging', 'burn_in', '1.0.0');
    const until = new Date(story.now + 60_000).toISOString();
    story.ends('staging', 'burn_in', '1.0.0', { status: 'blocked', blockers: [{ type: 'burn_in', until }] }).later(48);
    const slot = drawn(story).tiers[1]?.slots[0];
    expect(slot?.signal).toMatchObject({ mark: 'time', word: 'Burn-in, 12 s left', note: '12 s' });
    expect(slot?.train?.mark).toBe('time');
  });

  test('names a deploy node by node, and tells nodes it has not come to from nodes that differ', () => {
    const story = new Story()
      .everywhere('1.0.0')
      .waits('1.0.1')
      .confirmed('1.0.1')
      .enters('production', '1.0.1')
      .deploys('production', 'prod-1', '1.0.1');
    const production = drawn(story).tiers[2]?.station;
    expect(production?.line).toMatchObject({ text: 'Deploying 2 of 2', tail: ', 20 s', mark: 'deploying' });
    expect(production?.dots.map((dot) => dot.view)).toEqual(['matching', 'waits']);
    expect([production?.plate, production?.to]).toEqual([[whole('1.0.0')], whole('1.0.1')]);
    expect(production?.progress).toMatchObject({ usual: { p50: 40, p90: 40 } });
  });

  test('is quiet when all is well, and says so for how long and by whom', () => {
    const line = drawn(new Story().everywhere('1.0.0').later(60));
    expect(names(line)).toEqual(['host, 1.0.0, passed', 'staging, runs 1.0.0', 'production, runs 1.0.0']);
    expect(line.tiers.every((tier) => tier.onward.solid)).toBe(true);
    expect(loudestOf(line)).toEqual({ mark: 'passed', word: 'Ben, 4 min ago' });
  });

  test('never lets an old check speak for now', () => {
    const story = new Story().everywhere('1.0.0').later(8 * 3600);
    expect(drawn(story).tiers[2]?.station.line.text).toBe('checked 8 h ago');
  });

  test('calls two releases of one declared version by their whole names', () => {
    const story = new Story()
      .green('1.0.0')
      .pushed('1.0.1')
      .tell({ kind: 'build_start', sha: 'f'.repeat(40), version: '1.0.0+gfffffff', run_id: 99 });
    expect(drawn(story).short(whole('1.0.0'))).toBe(whole('1.0.0'));
  });

  test('breaks the track before a frozen tier', () => {
    const story = new Story().waits('1.0.0').tell({ kind: 'tier_frozen', tier: 'production', reason: 'database move', actor: 'local:Ben' });
    const line = drawn(story);
    expect(line.tiers[1]?.onward.frozen).toBe(true);
    expect(line.tiers[2]?.station).toMatchObject({ frozen: 'Frozen by Ben: “database move”', line: { text: 'Frozen', mark: 'frozen' } });
  });

  test('goes to another place exactly when a train does', () => {
    const story = new Story().green('1.0.0').enters('staging', '1.0.0');
    const before = drawn(story).places;
    expect(drawn(story.later(5)).places).toBe(before);
    expect(
      drawn(
        story
          .deploys('staging', 'staging-1', '1.0.0')
          .deploys('staging', 'staging-2', '1.0.0')
          .tell({ kind: 'promote_complete', tier: 'staging', version: whole('1.0.0') }),
      ).places,
    ).not.toBe(before);
  });
});

describe('what is wrong', () => {
  test('failing tests stop the line with their sentence, their lines and a retry', () => {
    const story = new Story().pushed('1.0.0').built('1.0.0').starts('host', 'unit_tests', '1.0.0');
    const excerpt = ['not ok 2 - adds up', 'expected 3', 'got 4', 'a fourth line'];
    story.ends('host', 'unit_tests', '1.0.0', {
      status: 'failed',
      classification: { type: 'tests_failed', failed: 1, passed: 1, names: [], suspect: 'commit' },
      excerpt,
    });
    expect(reasons(story)).toMatchObject([
      {
        tone: 'failed',
        headline: '1 of 2 tests failed.',
        more: 'Looks like the commit.',
        excerpt: excerpt.slice(0, 3),
        levers: [{ name: 'Retry gate unit_tests on host' }],
      },
    ]);
    expect(names(drawn(story))[0]).toBe('host, 1.0.0, failed');
    expect(drawn(story).tiers[0]?.slots[0]?.train?.mark).toBe('failed');
  });

  test('a node that does not come up leaves the tier mixed, with a way back', () => {
    const story = new Story().everywhere('1.0.0').waits('1.0.1').confirmed('1.0.1').enters('production', '1.0.1');
    const failure = { type: 'health_check', expected: '1.0.1', got: '1.0.0' };
    story.deploys('production', 'prod-1', '1.0.1', failure).probes('production', 'prod-1', '1.0.1');
    story.tell({ kind: 'promote_failed', tier: 'production', version: whole('1.0.1'), node: 'prod-1', failure });
    expect(names(drawn(story))[2]).toBe('production, mixed: 1.0.1 on 1 of 2');
    const [reason] = reasons(story);
    expect(reason).toMatchObject({
      headline: 'prod-1 answered 1.0.0 instead of 1.0.1.',
      levers: [{ name: 'Roll back production' }, { name: 'Redeploy production' }],
    });
    expect(reason?.more).toMatch(/^prod-1 runs 1\.0\.1, prod-2 runs 1\.0\.0/);
  });

  test('a restart in the middle offers to go on where it stopped', () => {
    const story = new Story()
      .everywhere('1.0.0')
      .waits('1.0.1')
      .confirmed('1.0.1')
      .enters('production', '1.0.1')
      .deploys('production', 'prod-1', '1.0.1');
    story.deploys('production', 'prod-2', '1.0.1', { type: 'interrupted' }).probes('production', 'prod-2', '1.0.0');
    story.tell({ kind: 'promote_failed', tier: 'production', version: whole('1.0.1'), node: 'prod-2', failure: { type: 'interrupted' } });
    const [reason] = reasons(story);
    expect(reason?.headline).toMatch(/^The server restarted at \d\d:\d\d:\d\d during this deploy\.$/);
    expect(reason?.more).toContain('Nothing was repeated.');
    expect(reason?.levers.map((lever) => lever.label)).toEqual(['Continue on prod-2…', 'Roll back…']);
  });

  test('a gate far beyond its usual time is said to be slow, one a moment late is not', () => {
    const story = new Story().green('1.0.0').pushed('1.0.1').built('1.0.1').starts('host', 'unit_tests', '1.0.1').later(9);
    expect(reasons(story)).toEqual([]);
    expect(reasons(story.later(121))).toMatchObject([
      {
        tone: 'quiet',
        headline: 'unit_tests takes longer than usual:',
        more: '2 min 10 s, usually 5 s.',
        levers: [{ name: 'Cancel run of unit_tests on host' }],
      },
    ]);
  });

  test('a rollback holds the release, and the plate says what runs', () => {
    const story = new Story().everywhere('1.0.0').everywhere('1.0.1');
    const rollback = { tier: 'production', from: whole('1.0.1'), to: whole('1.0.0'), actor: ME, reason: '5xx' };
    story
      .tell({ kind: 'rollback_requested', ...rollback, nodes: ['prod-1', 'prod-2'] })
      .deploys('production', 'prod-1', '1.0.0')
      .deploys('production', 'prod-2', '1.0.0');
    story
      .tell({ kind: 'rollback', ...rollback })
      .tell({ kind: 'release_held', tier: 'production', version: whole('1.0.1'), reason: '5xx', actor: ME });
    for (const node of ['prod-1', 'prod-2']) story.probes('production', node, '1.0.0');
    expect(drawn(story).tiers[2]?.station).toMatchObject({
      name: 'production, runs 1.0.0, rolled back',
      plate: [whole('1.0.0')],
      held: [whole('1.0.1')],
    });
  });
});

describe('where room is short', () => {
  test('four gates fold into their loudest mark and a count', () => {
    const gates = ['lint', 'types', 'unit_tests', 'boot_smoke'].map((id) => ({ id, kind: 'command' }));
    const story = new Story([{ id: 'host', auto_promote: true, canary: 'sequential', gates, nodes: [] }]);
    story
      .pushed('1.0.0')
      .built('1.0.0')
      .passes('host', 'lint', '1.0.0')
      .passes('host', 'types', '1.0.0')
      .starts('host', 'unit_tests', '1.0.0')
      .later(7);
    const tier = drawn(story).tiers[0];
    expect(tier?.folded).toBe(true);
    expect(tier?.slots.map(({ signal, train }) => [signal.mark, signal.label, signal.note, train?.mark])).toEqual([
      ['running', 'unit tests', '2 of 4', 'running'],
    ]);
  });

  test('a failure is louder than a wait, and a wait than what runs', () => {
    expect(loudest(['passed', 'running', 'hand'])).toBe('hand');
    expect(loudest(['hand', 'failed'])).toBe('failed');
    expect(loudest([])).toBe('unlit');
  });

  test('lines close up by how many there are', () => {
    expect([1, 4, 5, 15, 16].map(densityFor)).toEqual(['roomy', 'roomy', 'compact', 'compact', 'dense']);
  });

  test('every tier has room for its station and its signals', () => {
    expect(columnsOf(drawn(new Story()).tiers)).toBe(
      'var(--name) var(--push) minmax(14.25rem, 1fr) minmax(14.25rem, 1fr) minmax(11.5rem, 0.7fr)',
    );
  });
});
