import { describe, expect, test } from 'vitest';
import { CodecError } from '../shared/protocol/codec.ts';
import { Continuity } from './continuity.ts';
import { AT, envelope, events, hello, replayed, snapshotParts, stateAt } from './frames_for_tests.ts';

function read(at: number): Continuity {
  const continuity = new Continuity();
  continuity.read(hello());
  for (const part of snapshotParts(stateAt(at), 1)) continuity.read(part);
  return continuity;
}

test('a page that knows nothing asks for all', () => {
  expect(new Continuity().resume(false)).toEqual({ type: 'resume', epoch: null, after: null, id: null });
});

test('an empty log is caught up with at once, and the whole log may come instead of a snapshot', () => {
  const continuity = new Continuity();
  continuity.read(hello());
  expect(continuity.read(replayed(0))).toEqual({ type: 'caught_up', skipped: 0 });
  expect(continuity.read(events(0, 2)).type).toBe('events');
  expect(continuity.resume(false)).toEqual({ type: 'resume', epoch: '1-a', after: 2, id: 'id-2' });
});

test('the parts of a snapshot are one state, and the position is its last envelope', () => {
  const continuity = new Continuity();
  const [first, second, third] = snapshotParts(stateAt(7), 3);
  expect(continuity.read(first!)).toEqual({ type: 'part' });
  expect(continuity.read(second!)).toEqual({ type: 'part' });
  expect(continuity.read(third!)).toEqual({ type: 'snapshot', state: stateAt(7) });
  expect(continuity.resume(false)).toEqual({ type: 'resume', epoch: '1-a', after: 7, id: 'id-7' });
});

test('a part that is missing is a hole, a text that is no state an error; neither is half a state', () => {
  const [first, second, third] = snapshotParts(stateAt(7), 3);
  const continuity = new Continuity();
  continuity.read(first!);
  expect(continuity.read(third!)).toEqual({ type: 'hole' });
  expect(continuity.read(second!)).toEqual({ type: 'hole' });
  expect(continuity.upto).toBe(-1);
  for (const text of ['{"seq_no":7}', 'nonsense', '[]', JSON.stringify({ ...stateAt(8) })]) {
    expect(() => new Continuity().read({ type: 'snapshot', epoch: '1-a', seq_no: 7, part: 1, of: 1, text })).toThrow(CodecError);
  }
});

test('parts of a link that was lost are forgotten', () => {
  const continuity = new Continuity();
  continuity.read(snapshotParts(stateAt(7), 2)[0]!);
  continuity.resume(false);
  expect(continuity.read(snapshotParts(stateAt(7), 2)[1]!)).toEqual({ type: 'hole' });
});

describe('asked again on the link that lost something', () => {
  test('what was on its way is passed over until something joins; after that a hole is a hole', () => {
    const continuity = read(7);
    expect(continuity.read(events(9, 10)).type).toBe('hole');
    expect(continuity.resume(true)).toMatchObject({ after: 7 });
    for (const late of [events(10, 12), replayed(12), snapshotParts(stateAt(7), 2)[1]!])
      expect(continuity.read(late)).toEqual({ type: 'passed_over' });
    continuity.read({ type: 'lagged', at: AT, skipped: 300 });
    expect(continuity.read(events(7, 9)).type).toBe('events');
    expect(continuity.read(events(10, 12)).type).toBe('hole');
    continuity.resume(false);
    continuity.read(events(9, 12));
    expect(continuity.read(replayed(12))).toEqual({ type: 'caught_up', skipped: 0 });
  });

  test('on a new link nothing can be older than the question', () => {
    const continuity = read(7);
    continuity.resume(false);
    expect(continuity.read(events(9, 10)).type).toBe('hole');
  });
});

test('in another epoch the same number is another place: only a snapshot joins', () => {
  const continuity = read(7);
  continuity.read(hello({ epoch: '2-b' }));
  continuity.resume(false);
  expect(continuity.read(events(7, 8)).type).toBe('hole');
  expect(continuity.read(replayed(7)).type).toBe('hole');
  continuity.read(snapshotParts(stateAt(5), 1, '2-b')[0]!);
  expect(continuity.read(events(5, 6)).type).toBe('events');
});

test('`after` must be the last `upto`: nothing is taken from a batch that skips or repeats', () => {
  const continuity = read(7);
  expect(continuity.read(events(7, 9)).type).toBe('events');
  expect(continuity.read(events(10, 11))).toEqual({ type: 'hole' });
  expect(continuity.read(events(8, 10))).toEqual({ type: 'hole' });
  expect(continuity.upto).toBe(9);
  expect(continuity.read(replayed(12))).toEqual({ type: 'hole' });
});

test('a batch may hold fewer events than it covers: then the position has no id', () => {
  const continuity = read(7);
  continuity.read({ type: 'events', after: 7, upto: 12, items: [envelope(9)] });
  expect(continuity.resume(false)).toEqual({ type: 'resume', epoch: '1-a', after: 12, id: null });
  continuity.read({ type: 'events', after: 12, upto: 12, items: [] });
  expect(continuity.upto).toBe(12);
});

test('what was fallen behind is told once, when it has been made up', () => {
  const continuity = read(7);
  continuity.read({ type: 'lagged', at: AT, skipped: 300 });
  continuity.read({ type: 'lagged', at: AT, skipped: 12 });
  continuity.read(events(7, 9));
  expect(continuity.read(replayed(9))).toEqual({ type: 'caught_up', skipped: 312 });
  expect(continuity.read(replayed(9))).toEqual({ type: 'caught_up', skipped: 0 });
});

test('a snapshot of another history replaces the position, also backwards', () => {
  const continuity = read(7);
  continuity.read(snapshotParts(stateAt(3), 1, '2-b')[0]!);
  expect(continuity.resume(false)).toEqual({ type: 'resume', epoch: '2-b', after: 3, id: 'id-3' });
});
