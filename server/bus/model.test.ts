/** Ring and cursors against the obvious model: one array of everything ever published, and an index per reader. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventBus } from './event_bus.ts';
import type { Cursor, Received } from './port.ts';

type Operation =
  | { do: 'publish'; count: number }
  | { do: 'subscribe' }
  | { do: 'receive'; reader: number; count: number }
  | { do: 'fork'; reader: number; back: number }
  | { do: 'leave'; reader: number }
  | { do: 'end' };

const reader = fc.nat({ max: 3 });
/** Often one: whoever reads on after a lag meets an event, and lags twice in a row only when it stopped there. */
const count = fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 12 }));
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('publish' as const), count: fc.integer({ min: 1, max: 12 }) }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('receive' as const), reader, count }) },
  { weight: 3, arbitrary: fc.constant({ do: 'subscribe' as const }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('fork' as const), reader, back: fc.nat({ max: 12 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), reader }) },
  { weight: 1, arbitrary: fc.constant({ do: 'end' as const }) },
);

interface ModelReader {
  index: number;
  left: boolean;
  last: Received<number>['type'] | null;
}

/** How often the rare courses were run: a model that never meets them proves nothing about them. */
const met = { lag_after_lag: 0, drained_after_end: 0, lag_after_end: 0, lag_of_a_fork: 0 };

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
    // Also what nobody reads: a fork may begin before its reader came.
    if (!this.ended) this.published.push(event);
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
    fc.property(fc.constantFrom(1, 2, 4, 8), fc.array(operation, { maxLength: 80, size: 'max' }), (capacity, operations) => {
      const bus = new EventBus<number>({ capacity, report: () => undefined });
      const model = new Model(capacity);
      const cursors: Cursor<number>[] = [];
      const forks = new Set<ModelReader>();
      let event = 0;
      for (const step of operations) {
        const cursor = 'reader' in step ? cursors[step.reader] : undefined;
        const modelled = 'reader' in step ? model.readers[step.reader] : undefined;
        if (step.do === 'publish') {
          for (let i = 0; i < step.count; i++, event++) expect(bus.publish(event)).toBe(model.publish(event));
        } else if (step.do === 'subscribe' && cursors.length < 4) {
          cursors.push(bus.subscribe());
          model.readers.push({ index: model.published.length, left: false, last: null });
        } else if (step.do === 'end') {
          bus.close();
          model.ended = true;
        } else if (cursor !== undefined && modelled !== undefined) {
          if (step.do === 'receive') {
            for (let i = 0; i < step.count; i++) {
              const received = model.receive(modelled);
              expect(cursor.tryReceive()).toEqual(received);
              if (received.type === 'lagged' && modelled.last === 'lagged') met.lag_after_lag++;
              if (received.type === 'lagged' && model.ended) met.lag_after_end++;
              if (received.type === 'event' && model.ended) met.drained_after_end++;
              if (received.type === 'lagged' && modelled.last === null && forks.has(modelled)) met.lag_of_a_fork++;
              modelled.last = received.type;
            }
          }
          if (step.do === 'fork' && !modelled.left && cursors.length < 4) {
            const back = Math.min(step.back, modelled.index);
            const forked: ModelReader = { index: modelled.index - back, left: false, last: null };
            cursors.push(cursor.fork(back));
            model.readers.push(forked);
            forks.add(forked);
          }
          if (step.do === 'leave') {
            cursor.close();
            modelled.left = true;
          }
        }
      }
    }),
    { numRuns: 250 },
  );
  for (const [course, times] of Object.entries(met)) expect(times, course).toBeGreaterThan(0);
});
