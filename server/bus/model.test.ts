/** Ring and cursors against the obvious model: one array of everything ever published, and an index per reader. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventBus } from './event_bus.ts';
import type { Cursor, Received } from './port.ts';

type Operation =
  | { do: 'publish'; count: number }
  | { do: 'subscribe' }
  | { do: 'receive'; reader: number; count: number }
  | { do: 'leave'; reader: number }
  | { do: 'end' };

const reader = fc.nat({ max: 5 });
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('publish' as const), count: fc.integer({ min: 1, max: 12 }) }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('receive' as const), reader, count: fc.integer({ min: 1, max: 12 }) }) },
  { weight: 3, arbitrary: fc.constant({ do: 'subscribe' as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), reader }) },
  { weight: 1, arbitrary: fc.constant({ do: 'end' as const }) },
);

interface ModelReader {
  index: number;
  left: boolean;
}

class Model {
  readonly published: number[] = [];
  readonly readers: ModelReader[] = [];
  readonly capacity: number;
  ended = false;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  publish(event: number): number {
    const receivers = this.ended ? 0 : this.readers.filter((each) => !each.left).length;
    if (receivers > 0) this.published.push(event);
    return receivers;
  }

  receive(of: ModelReader): Received<number> {
    if (of.left) return { type: 'closed' };
    const missed = this.published.slice(of.index, -this.capacity).length;
    if (missed > 0) {
      of.index += missed;
      return { type: 'lagged', skipped: missed };
    }
    const event = this.published[of.index];
    if (event === undefined) return { type: this.ended ? 'closed' : 'empty' };
    of.index += 1;
    return { type: 'event', event };
  }
}

test('any interleaving gives each reader what the model gives', () => {
  fc.assert(
    fc.property(fc.constantFrom(1, 2, 4, 8), fc.array(operation, { maxLength: 80 }), (capacity, operations) => {
      const bus = new EventBus<number>({ capacity, report: () => undefined });
      const model = new Model(capacity);
      const cursors: Cursor<number>[] = [];
      let event = 0;
      for (const step of operations) {
        const cursor = 'reader' in step ? cursors[step.reader] : undefined;
        const modelled = 'reader' in step ? model.readers[step.reader] : undefined;
        if (step.do === 'publish') {
          for (let i = 0; i < step.count; i++, event++) expect(bus.publish(event)).toBe(model.publish(event));
        } else if (step.do === 'subscribe' && cursors.length < 6) {
          cursors.push(bus.subscribe());
          model.readers.push({ index: model.published.length, left: false });
        } else if (step.do === 'end') {
          bus.close();
          model.ended = true;
        } else if (cursor !== undefined && modelled !== undefined) {
          if (step.do === 'receive') for (let i = 0; i < step.count; i++) expect(cursor.tryReceive()).toEqual(model.receive(modelled));
          if (step.do === 'leave') {
            cursor.close();
            modelled.left = true;
          }
        }
      }
    }),
    { numRuns: 500 },
  );
});
