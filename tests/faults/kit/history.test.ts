/** The checker is a guard of guards: each thing it is for must be found in a history that has it, and nothing in one that has not. */
import { describe, expect, test } from 'vitest';
import type { Envelope } from '../../../src/shared/protocol/envelope.ts';
import { History } from './history.ts';

const event = (seq_no: number, fields: Record<string, unknown>): Envelope =>
  ({
    seq_no,
    id: `id-${seq_no}`,
    at: `2026-11-14T02:03:11.${String(seq_no).padStart(3, '0')}Z`,
    project: 'app',
    kind: 'server_started',
    ...fields,
  }) as Envelope;

/** An ordinary day: an operator's promote, its deploy, a kill in the middle of a build, and the next life. */
const DAY: Envelope[] = [
  event(1, { boot_id: 'a' }),
  event(2, { kind: 'promote_requested', tier: 'staging', version: '1.0.0', key: 'k-1' }),
  event(3, { kind: 'deploy_start', tier: 'staging', node: 's-1', version: '1.0.0', run_id: 1, key: 'k-1', cause: 2 }),
  event(4, { kind: 'deploy_ok', tier: 'staging', node: 's-1', version: '1.0.0', run_id: 1 }),
  event(5, { kind: 'build_start', version: '1.0.1', run_id: 2 }),
  event(6, { boot_id: 'b' }),
  event(7, { kind: 'build_failed', version: '1.0.1', run_id: 2, failure: { type: 'interrupted', suspect: 'machine' } }),
];

const command = { key: 'k-1', path: '/promote', body: {}, actor: 'local:Ana' };

function told(log: Envelope[], prepare: (history: History) => void = () => undefined): string[] {
  const history = new History();
  prepare(history);
  return history.check(log);
}
const changed = (seq_no: number, fields: Record<string, unknown>): Envelope[] =>
  DAY.map((envelope) => (envelope.seq_no === seq_no ? { ...envelope, ...fields } : envelope));

test('an ordinary day has nothing in it', () => {
  const found = told(DAY, (history) => {
    const sent = history.send(command);
    history.answered(sent, 202, { seq_no: 2 });
    history.answered(sent, 202, { seq_no: 2 });
    for (const envelope of DAY) for (const viewer of ['one', 'two']) history.shown(viewer, envelope);
  });
  expect(found).toEqual([]);
});

describe('what it finds', () => {
  test.each<[string, Envelope[], RegExp, ((history: History) => void)?]>([
    [
      'a command that was acknowledged and is gone',
      DAY.slice(0, 1),
      /^lost: command k-1/,
      (history) => history.answered(history.send(command), 202, { seq_no: 2 }),
    ],
    [
      'another answer to the same key',
      DAY,
      /^double effect/,
      (history) => {
        const sent = history.send(command);
        history.answered(sent, 202, { seq_no: 2 });
        history.answered(sent, 202, { seq_no: 5 });
      },
    ],
    ['an acceptance that names no event', DAY, /without a seq_no/, (history) => history.answered(history.send(command), 202, {})],
    ['an event that was shown and never stored', DAY, /^shown but not stored/, (history) => history.shown('one', event(8, {}))],
    [
      'a number that was given out twice',
      DAY,
      /^number 7 used twice/,
      (history) => {
        history.shown('one', event(7, { id: 'another' }));
        history.shown('two', event(7, {}));
      },
    ],
    ['a hole', DAY.filter(({ seq_no }) => seq_no !== 4), /^hole or disorder: event 5/],
    ['events in another order', [...DAY.slice(0, 3), ...DAY.slice(3).reverse()], /^hole or disorder/],
    ['time that runs backwards', changed(5, { at: '2026-11-14T02:03:10.000Z' }), /^reordered: event 5/],
    ['one event twice', changed(5, { id: 'id-4' }), /^duplicated: id id-4/],
    ['two commits of one key', changed(4, { key: 'k-1' }), /^double effect: key k-1/],
    [
      'a deploy that nobody asked for a second time',
      changed(5, { kind: 'deploy_start', tier: 'staging', node: 's-1' }),
      /^deploy repeated/,
    ],
    ['a deploy without an intent', changed(2, { kind: 'server_started' }), /^deploy without an intent/],
    ['a run that was in flight and is not settled', DAY.slice(0, 6), /^not settled: build_start of run 2/],
    ['a run that was in flight and ended well', changed(7, { kind: 'build_ok', failure: undefined }), /^not interrupted: run 2/],
  ])('%s', (_, log, sentence, prepare) => {
    expect(told(log, prepare)).toEqual(expect.arrayContaining([expect.stringMatching(sentence)]));
  });
});
