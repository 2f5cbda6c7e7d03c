import { expect, test } from 'vitest';
import { fold } from '../../src/shared/fold/fold.ts';
import { EMPTY_STATE, type State } from '../../src/shared/fold/state.ts';
import type { Envelope } from '../../src/shared/protocol/envelope.ts';
import { systemClock } from '../clock.ts';
import type { Draft, Intent } from '../pipeline/intent.ts';
import { systemRandom, uuidv7 } from '../uuid.ts';
import { Batch } from './batch.ts';

const gap = (from: number): Draft => ({ project: '*', event: { kind: 'history_gap', from, to: from, why: 'lost' } });
const fact = (...drafts: Draft[]): Intent => ({
  type: 'fact',
  fact: { fact: 'events', project: '*', events: drafts.map(({ event }) => event) },
  actor: 'system:test',
});
const DEFECT = 99;

test('of an intent that cannot be folded nothing is in the state, also when its first event could', async () => {
  const reports: unknown[] = [];
  const batch = new Batch(
    { state: EMPTY_STATE, seq_no: 0, at_ms: 0 },
    {
      clock: systemClock,
      idAt: (ms) => uuidv7(ms, systemRandom),
      decide: (intent) => {
        if (intent.type !== 'fact' || intent.fact.fact !== 'events') throw new Error('not in this test');
        return { type: 'events', drafts: intent.fact.events.map((event) => ({ project: '*', event })) };
      },
      fold(state, envelope) {
        const next = fold(state, envelope);
        if ('from' in envelope && envelope['from'] === DEFECT) throw new Error('a defect');
        return next;
      },
      known: () => undefined,
      report: (_, error) => reports.push(error),
      note: () => undefined,
    },
  );
  const outcomes = [fact(gap(1)), fact(gap(2), gap(DEFECT)), fact(gap(3))].map(
    (intent) => new Promise((resolve, reject) => batch.take({ intent, resolve, reject })),
  );
  const settled = Promise.allSettled(outcomes);
  batch.settle();
  expect((await settled).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(reports).toHaveLength(1);
  const stored: Envelope[] = batch.commits.flatMap(({ envelopes }) => [...envelopes]);
  expect(stored.map((envelope) => ('from' in envelope ? envelope['from'] : null))).toEqual([1, 3]);
  expect(batch.head.state).toEqual(stored.reduce<State>(fold, EMPTY_STATE));
});
