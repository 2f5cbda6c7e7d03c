import { describe, expect, test } from 'vitest';
import { encodePlain } from '../../src/shared/protocol/codec.ts';
import { readEnvelope, type Envelope } from '../../src/shared/protocol/envelope.ts';
import { EventBus } from './event_bus.ts';
import type { Cursor } from './port.ts';

const envelope = (seq_no: number): Envelope =>
  readEnvelope({
    seq_no,
    id: `id-${seq_no}`,
    at: '2026-11-14T02:03:11.004Z',
    project: 'hello',
    kind: 'build_aborted',
    sha_aborted: 'a'.repeat(40),
  });

function busOf<E>(capacity?: number): EventBus<E> {
  return new EventBus<E>({
    ...(capacity === undefined ? {} : { capacity }),
    report: (what, error) => {
      throw new Error(what, { cause: error });
    },
  });
}

function drain<E>(cursor: Cursor<E>): E[] {
  const events: E[] = [];
  for (let received = cursor.tryReceive(); received.type === 'event'; received = cursor.tryReceive()) events.push(received.event);
  return events;
}

describe('publish and subscribe', () => {
  test('with nobody there reaches nobody and is not kept', () => {
    const bus = busOf<string>();
    expect(bus.publish('early')).toBe(0);
    const cursor = bus.subscribe();
    expect(cursor.tryReceive()).toEqual({ type: 'empty' });
  });

  test('reaches each subscriber, as the same object', () => {
    const bus = busOf<Envelope>();
    const [one, two] = [bus.subscribe(), bus.subscribe()];
    const event = envelope(1);
    expect(bus.publish(event)).toBe(2);
    for (const cursor of [one, two]) {
      const received = cursor.tryReceive();
      expect(received.type === 'event' && received.event).toBe(event);
    }
  });

  test('266 unread events in a bus of 256 lag by exactly 10, then the oldest retained comes', () => {
    const bus = busOf<number>();
    const cursor = bus.subscribe();
    for (let i = 0; i < 266; i++) bus.publish(i);
    expect(cursor.tryReceive()).toEqual({ type: 'lagged', skipped: 10 });
    expect(drain(cursor)).toEqual(Array.from({ length: 256 }, (_, i) => i + 10));
    expect(cursor.tryReceive()).toEqual({ type: 'empty' });
  });

  test('lag is counted for each reader by itself', () => {
    const bus = busOf<number>(4);
    const [quick, slow] = [bus.subscribe(), bus.subscribe()];
    for (let i = 0; i < 6; i++) {
      bus.publish(i);
      expect(drain(quick)).toEqual([i]);
    }
    expect(slow.tryReceive()).toEqual({ type: 'lagged', skipped: 2 });
    expect(quick.tryReceive()).toEqual({ type: 'empty' });
  });

  test('a reader may lag twice in a row', () => {
    const bus = busOf<number>(2);
    const cursor = bus.subscribe();
    for (let i = 0; i < 3; i++) bus.publish(i);
    expect(cursor.tryReceive()).toEqual({ type: 'lagged', skipped: 1 });
    for (let i = 3; i < 6; i++) bus.publish(i);
    expect(cursor.tryReceive()).toEqual({ type: 'lagged', skipped: 3 });
    expect(drain(cursor)).toEqual([4, 5]);
  });

  test('what is retained drains before closed, lag included', () => {
    const bus = busOf<number>(2);
    const cursor = bus.subscribe();
    for (let i = 0; i < 3; i++) bus.publish(i);
    bus.close();
    bus.close();
    expect(bus.publish(9)).toBe(0);
    expect(cursor.tryReceive()).toEqual({ type: 'lagged', skipped: 1 });
    expect(drain(cursor)).toEqual([1, 2]);
    expect(cursor.tryReceive()).toEqual({ type: 'closed' });
    expect(bus.subscribe().tryReceive()).toEqual({ type: 'closed' });
  });

  test('a reader that leaves is no receiver any more', () => {
    const bus = busOf<number>();
    const [stays, leaves] = [bus.subscribe(), bus.subscribe()];
    bus.publish(1);
    leaves.close();
    leaves.close();
    expect(leaves.tryReceive()).toEqual({ type: 'closed' });
    expect(bus.publish(2)).toBe(1);
    expect(drain(stays)).toEqual([1, 2]);
  });
});

describe('ready', () => {
  test('resolves when an event comes, and at once when one is there', async () => {
    const bus = busOf<number>();
    const cursor = bus.subscribe();
    const waiting = cursor.ready();
    bus.publish(1);
    await waiting;
    await cursor.ready();
    expect(drain(cursor)).toEqual([1]);
  });

  test('resolves when the bus closes or the reader leaves', async () => {
    const bus = busOf<number>();
    const [one, two] = [bus.subscribe(), bus.subscribe()];
    const waiting = [one.ready(), two.ready()];
    one.close();
    bus.close();
    await Promise.all(waiting);
    await Promise.all([one.ready(), two.ready()]);
  });

  test('rejects with the reason of its signal, and others keep waiting', async () => {
    const bus = busOf<number>();
    const cursor = bus.subscribe();
    const gone = new AbortController();
    const aborted = cursor.ready(gone.signal);
    const waiting = cursor.ready(new AbortController().signal);
    gone.abort('enough');
    await expect(aborted).rejects.toBe('enough');
    await expect(cursor.ready(gone.signal)).rejects.toBe('enough');
    bus.publish(1);
    await waiting;
  });
});

test('an envelope goes out flat: no `event` key, `at` kept', () => {
  const bus = busOf<Envelope>();
  const cursor = bus.subscribe();
  bus.publish(envelope(1));
  const [received] = drain(cursor);
  const wire = JSON.parse(encodePlain(received!)) as Record<string, unknown>;
  expect(wire).not.toHaveProperty('event');
  expect(wire).toMatchObject({ kind: 'build_aborted', at: '2026-11-14T02:03:11.004Z', sha_aborted: 'a'.repeat(40) });
});

describe('a forked cursor', () => {
  test('reads again what the other received last, and then goes its own way', () => {
    const bus = busOf<number>(8);
    const cursor = bus.subscribe();
    for (let i = 0; i < 5; i++) bus.publish(i);
    drain(cursor);
    const fork = cursor.fork(3);
    bus.publish(5);
    expect(drain(fork)).toEqual([2, 3, 4, 5]);
    expect(drain(cursor)).toEqual([5]);
    cursor.close();
    bus.publish(6);
    expect(drain(fork)).toEqual([6]);
  });

  test('lags by exactly what has fallen out since', () => {
    const bus = busOf<number>(4);
    const cursor = bus.subscribe();
    for (let i = 0; i < 4; i++) bus.publish(i);
    drain(cursor);
    const fork = cursor.fork(4);
    for (let i = 4; i < 10; i++) bus.publish(i);
    expect(fork.tryReceive()).toEqual({ type: 'lagged', skipped: 6 });
  });
});

describe('a reader that wants to be told', () => {
  test('is, before publish returns, also of the end; not after it has left', () => {
    const bus = busOf<number>();
    let told = 0;
    const cursor = bus.subscribe(() => told++);
    bus.publish(1);
    expect([told, drain(cursor)]).toEqual([1, [1]]);
    bus.publish(2);
    expect(told).toBe(2);
    cursor.close();
    bus.publish(3);
    expect(told).toBe(2);
    const other = bus.subscribe(() => told++);
    bus.close();
    expect([told, other.tryReceive()]).toEqual([3, { type: 'closed' }]);
  });
});
