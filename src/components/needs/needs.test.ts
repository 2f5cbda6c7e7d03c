import { describe, expect, test } from 'vitest';
import { needsYou, type Need } from '../../shared/fold/needs.ts';
import { namesOf } from '../panel/line_model.ts';
import { ME, sha, Story, TIERS, whole } from '../story_for_tests.ts';
import { needWords, type NeedCardModel } from './need_words.ts';
import { receiptOf } from './receipt.ts';
import { advance, RECEIPT_SHOWN_MS, stoodStill, type Slot } from './slots.ts';

const first = (story: Story): Need => {
  const [need] = needsYou(story.state);
  if (need === undefined) throw new Error('nothing waits');
  return need;
};
const card = (story: Story, need = first(story)): NeedCardModel =>
  needWords(need, { project: story.project, now: story.now, me: ME, short: namesOf(story.project), prefix: '' });
const receipt = (story: Story, need: Need): string => receiptOf(need, story.state.activity, ME, namesOf(story.project)).sentence;

describe('a card', () => {
  test('brings what is needed to decide on a confirm', () => {
    const story = new Story().everywhere('1.0.0').waits('1.0.1').later(240);
    expect(card(story)).toMatchObject({
      tone: 'hand',
      title: '1.0.1 on staging waits for a confirm',
      compare: { from: whole('1.0.0'), to: whole('1.0.1') },
      evidence: 'All gates passed. Burn-in 1 min. Waiting 4 min.',
      levers: [{ label: 'Review…', spec: { name: 'Confirm 1.0.1 on staging' } }],
    });
    expect(card(story).compare?.since).toMatch(/^1\.0\.0, which production has run since \d\d:\d\d$/);
  });

  test('of a first release says that there is no way back', () => {
    const { compare, evidence } = card(new Story().waits('1.0.0'));
    expect(compare).toBeNull();
    expect(evidence).toContain('First release here: nothing to compare with, nothing to roll back to.');
  });

  test('names who skipped a burn-in instead of saying that all gates passed', () => {
    const story = new Story().green('1.0.0').runsOn('staging', '1.0.0').starts('staging', 'burn_in', '1.0.0');
    story.ends('staging', 'burn_in', '1.0.0', { status: 'passed', skipped: { by: 'local:Ben', reason: 'outage' } }).awaits('1.0.0');
    expect(card(story).evidence).toContain('burn_in skipped by Ben.');
    expect(card(story).evidence).not.toContain('All gates passed');
  });

  test('of a failed gate says what failed, what it looks like and whose push it was', () => {
    const story = new Story().pushed('1.0.0').built('1.0.0').starts('host', 'unit_tests', '1.0.0');
    story
      .ends('host', 'unit_tests', '1.0.0', {
        status: 'failed',
        classification: { type: 'tests_failed', failed: 2, passed: 316, names: [], suspect: 'commit' },
      })
      .later(360);
    expect(card(story)).toMatchObject({
      tone: 'failed',
      title: 'unit_tests failed in 1.0.0',
      evidence: '2 of 318 tests failed. Looks like the commit. Pushed by Ben 6 min ago.',
      levers: [],
    });
    expect(card(story).run_id).not.toBeNull();
  });

  test('of a failed build says so', () => {
    const story = new Story()
      .pushed('1.0.0')
      .building('1.0.0')
      .tell({
        kind: 'build_failed',
        sha: sha('1.0.0'),
        version: whole('1.0.0'),
        run_id: 1,
        elapsed_s: 3,
        failure: { type: 'exit_code', code: 2 },
      });
    expect(card(story).title).toBe('The build of 1.0.0 failed');
    expect(card(story).evidence).toMatch(/^The build ended with exit code 2\. Pushed by Ben/);
  });

  test('of a run whose end cannot be recorded says why, and can cancel it', () => {
    const story = new Story().pushed('1.0.0').built('1.0.0').starts('host', 'unit_tests', '1.0.0');
    const run_id = story.project.runs.find(({ gate }) => gate === 'unit_tests')?.run_id ?? 0;
    story.tell({ kind: 'run_stuck', run_id, reason: 'The schema does not know this outcome.' }).later(30);
    const need = first(story);
    expect(card(story)).toMatchObject({
      tone: 'failed',
      title: 'unit_tests of 1.0.0 is stuck',
      evidence:
        'Its end cannot be recorded. The schema does not know this outcome. It is tried again by itself; cancel the run to go on without it.',
      run_id,
      levers: [{ label: 'Cancel run…', spec: { ask: { type: 'cancel_run', project: 'hello', run_id } } }],
    });
    story.ends('host', 'unit_tests', '1.0.0', { status: 'passed', elapsed_s: 31 });
    expect(needsYou(story.state)).toEqual([]);
    expect(receipt(story, need)).toBe('unit_tests of 1.0.0 is no longer stuck.');
  });

  test('a stuck run that was cancelled says by whom', () => {
    const story = new Story().pushed('1.0.0').built('1.0.0').starts('host', 'unit_tests', '1.0.0');
    const run_id = story.project.runs.find(({ gate }) => gate === 'unit_tests')?.run_id ?? 0;
    story.tell({ kind: 'run_stuck', run_id, reason: 'A defect.' }).later(30);
    const need = first(story);
    story.tell({ kind: 'run_cancelled', run_id, reason: 'operator', gate: 'unit_tests', version: whole('1.0.0'), actor: ME });
    expect(needsYou(story.state)).toEqual([]);
    expect(receipt(story, need)).toMatch(/^Cancelled unit_tests of 1\.0\.0\. You, \d\d:\d\d:\d\d, #\d+\.$/);
  });

  test('asks for a promote where only a person promotes', () => {
    const story = new Story(TIERS.map((tier) => (tier.id === 'production' ? { ...tier, auto_promote: false } : tier)))
      .waits('1.0.0')
      .confirmed('1.0.0')
      .later(60);
    expect(card(story)).toMatchObject({
      tone: 'hand',
      title: '1.0.0 may enter production',
      evidence: 'production takes a release only by hand. Waiting 1 min.',
      levers: [{ label: 'Promote…', spec: { name: 'Promote 1.0.0 to production' } }],
    });
  });
});

describe('a receipt', () => {
  test('says what was done, by whom and under which number', () => {
    const story = new Story().waits('1.0.0');
    const need = first(story);
    story.later(60).confirmed('1.0.0');
    expect(receipt(story, need)).toMatch(/^Confirmed 1\.0\.0 on staging\. You, \d\d:\d\d:\d\d, #\d+\.$/);
  });
  test('is not what the answer set off', () => {
    const story = new Story().waits('1.0.0').green('1.0.1');
    const need = first(story);
    story.later(60).confirmed('1.0.0').enters('staging', '1.0.1');
    expect(receipt(story, need)).toMatch(/^Confirmed 1\.0\.0 on staging\. You/);
  });
  test('names what took its place without an answer', () => {
    const story = new Story()
      .pushed('1.0.0')
      .built('1.0.0')
      .starts('host', 'unit_tests', '1.0.0')
      .ends('host', 'unit_tests', '1.0.0', { status: 'failed', classification: { type: 'exit_code', code: 1 } });
    const need = first(story);
    story.later(5).green('1.0.1');
    expect(receipt(story, need)).toMatch(/^1\.0\.1 replaced 1\.0\.0 on host\. Signalbox/);
  });
  test('names somebody else who was faster', () => {
    const story = new Story().waits('1.0.0');
    const need = first(story);
    story.confirmed('1.0.0', 'local:Ben');
    expect(receipt(story, need)).toContain('Ben, ');
  });
  test('does not claim an answer that nobody gave, nor take an older one for it', () => {
    const story = new Story().everywhere('1.0.0').waits('1.0.1');
    const need = first(story);
    story.later(5);
    expect(receiptOf(need, story.state.activity, ME, namesOf(story.project))).toEqual({
      sentence: '1.0.1 no longer waits on staging.',
      answered: false,
    });
  });
});

describe('the places of the cards', () => {
  const need = (id: string): Need => ({ ...first(new Story().waits('1.0.0')), id });
  const shown = (slots: readonly Slot[]): string[] =>
    slots.map((slot) => (slot.receipt === null ? slot.id : `${slot.id}: ${slot.receipt.sentence}`));
  const seen = (now: number): Parameters<typeof advance>[2] => ({ now, covered: false });
  const done = (): { sentence: string; answered: boolean } => ({ sentence: 'done', answered: true });

  test('an answered card stays where it is as its receipt for ten seconds; new ones come last', () => {
    let slots = advance([], [need('a'), need('b')], seen(0), done);
    slots = advance(slots, [need('c'), need('b')], seen(1_000), done);
    expect(shown(slots)).toEqual(['a: done', 'b', 'c']);
    slots = advance(slots, [need('c'), need('b')], seen(1_000 + RECEIPT_SHOWN_MS - 1), done);
    expect(shown(slots)).toEqual(['a: done', 'b', 'c']);
    slots = advance(slots, [need('c'), need('b')], seen(1_000 + RECEIPT_SHOWN_MS), done);
    expect(shown(slots)).toEqual(['b', 'c']);
  });
  test('a receipt under a dialog has its ten seconds once the dialog is gone', () => {
    const waited = advance([], [need('a')], seen(0), done);
    const answered = advance(waited, [], { now: 1_000, covered: true }, done);
    const uncovered = 1_000 + 2 * RECEIPT_SHOWN_MS;
    const shownStill = advance(answered, [], { now: uncovered, covered: true }, done);
    expect(shown(advance(shownStill, [], seen(uncovered + RECEIPT_SHOWN_MS - 1), done))).toEqual(['a: done']);
    expect(shown(advance(shownStill, [], seen(uncovered + RECEIPT_SHOWN_MS), done))).toEqual([]);
  });
  test('a receipt that came while the clock stood still is not gone when it goes on', () => {
    const answered = advance(advance([], [need('a')], seen(0), done), [], seen(1_000), done);
    const later = 1_000 + 3 * RECEIPT_SHOWN_MS;
    const stood_ms = stoodStill(1_000, later);
    const live = advance(answered, [], { now: later, covered: false, stood_ms }, done);
    expect(shown(live)).toEqual(['a: done']);
    expect(shown(advance(live, [], seen(later + RECEIPT_SHOWN_MS), done))).toEqual([]);
    expect(stoodStill(1_000, 2_000)).toBe(0);
  });
  test('what waits again is a card again', () => {
    const slots = advance(advance(advance([], [need('a')], seen(0), done), [], seen(1), done), [need('a')], seen(2), done);
    expect(shown(slots)).toEqual(['a']);
  });
});
