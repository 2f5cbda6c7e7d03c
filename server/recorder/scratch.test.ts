/** That folding in a scratch is folding, and that nobody's state changes under them, over random walks of the real line. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fold } from '../../src/shared/fold/fold.ts';
import { Scratch } from '../../src/shared/fold/scratch.ts';
import { EMPTY_STATE, type State } from '../../src/shared/fold/state.ts';
import type { Envelope } from '../../src/shared/protocol/envelope.ts';
import { start, walk } from '../pipeline/walk.ts';
import { steps } from '../pipeline/walk_steps.ts';

const WALKS = 25;

/** The state after each envelope, as text: a state of a scratch is not to be kept. */
function inScratch(state: State, envelopes: readonly Envelope[]): { texts: string[]; last: State } {
  const scratch = new Scratch();
  let last = state;
  const texts = envelopes.map((envelope) => JSON.stringify((last = scratch.within(() => fold(last, envelope)))));
  return { texts, last };
}

test('a scratch gives what the fold gives, and changes no state that was there before it', () => {
  fc.assert(
    fc.property(fc.nat(3), steps, fc.nat(), fc.nat(), (releases, walked, one, other) => {
      const line = start(releases);
      walk(line, walked, () => undefined);
      const { log } = line;
      const [from, to] = [one % (log.length + 1), other % (log.length + 1)].sort((a, b) => a - b) as [number, number];
      const states = log.reduce<State[]>((all, envelope) => [...all, fold(all.at(-1) ?? EMPTY_STATE, envelope)], []);
      const texts = states.map((state) => JSON.stringify(state));
      const before = from === 0 ? EMPTY_STATE : states[from - 1]!;
      const first = inScratch(before, log.slice(from, to));
      expect(first.texts).toEqual(texts.slice(from, to));
      const held = JSON.stringify(first.last);
      expect(inScratch(first.last, log.slice(to)).texts).toEqual(texts.slice(to));
      expect(JSON.stringify(first.last), 'what the first scratch gave').toBe(held);
      expect(states.map((state) => JSON.stringify(state))).toEqual(texts);
      expect(JSON.stringify(EMPTY_STATE)).toBe(
        '{"seq_no":0,"at":null,"projects":[],"activity":[],"gaps":[],"last_run_id":0,"server":null}',
      );
    }),
    { numRuns: WALKS },
  );
});

test('what is folded outside of a scratch meanwhile is copied', () => {
  const line = start(1);
  const [envelope, after] = [line.log.at(-2)!, line.log.at(-1)!];
  const before = line.log.slice(0, -2).reduce(fold, EMPTY_STATE);
  const scratch = new Scratch();
  const within = scratch.within(() => fold(before, envelope));
  const text = JSON.stringify(within);
  fold(within, after);
  expect(JSON.stringify(within)).toBe(text);
});

test('a step that fails leaves no scratch open', () => {
  expect(() =>
    new Scratch().within(() => {
      throw new Error('a defect');
    }),
  ).toThrow('a defect');
  const line = start(1);
  const before = line.log.slice(0, -2).reduce(fold, EMPTY_STATE);
  const state = fold(before, line.log.at(-2)!);
  const text = JSON.stringify(state);
  fold(state, line.log.at(-1)!);
  expect(JSON.stringify(state)).toBe(text);
});
