import { describe, expect, it } from 'vitest';
import type { Envelope } from '../../src/shared/protocol/envelope.ts';
import { decodeFrameDown } from '../../src/shared/protocol/codec.ts';
import { EventBus } from '../bus/event_bus.ts';
import type { Cursor } from '../bus/port.ts';
import { Broadcaster, type Follower } from './broadcaster.ts';
import type { Voice } from './batch.ts';
import { gist } from './house_for_tests.ts';
import { WINDOW_FLUSHES, WINDOW_MOST_MS, WINDOW_MS } from './limits.ts';
import { textsOf } from './stand_ins_for_tests.ts';
import { Tail } from './tail.ts';

const envelope = (seq_no: number, fields: object = { kind: 'new_kind' }): Envelope =>
  ({ seq_no, id: `id-${seq_no}`, at: '2026-01-01T00:00:00.000Z', project: '*', ...fields }) as Envelope;

class Watcher implements Follower {
  upto = 0;
  readonly voice: Voice;
  readonly written: Buffer[] = [];
  full = false;
  /** Calls while its socket is written to. */
  takes: () => void = () => undefined;
  readonly watched = new Set<number>();
  /** Undefined while it follows. */
  left: Cursor<Envelope> | null | undefined;
  readonly outbox = {
    offer: (frames: Buffer): boolean => {
      this.takes();
      if (!this.full) this.written.push(frames);
      return !this.full;
    },
  };
  readonly lanes = { has: (run_id: number): boolean => this.watched.has(run_id) };

  constructor(voice: Voice = 'live') {
    this.voice = voice;
  }

  dismiss(cursor: Cursor<Envelope> | null): void {
    this.left = cursor;
  }

  told(): string[] {
    return this.written.flatMap(textsOf).map((text) => (this.voice === 'live' ? gist(decodeFrameDown(text)) : text));
  }

  /** What it would still be given by itself. */
  rest(): (number | string)[] {
    const tail = new Tail(this.left as Cursor<Envelope>, this.upto);
    const seen: (number | string)[] = [];
    for (let got = tail.receive(); got.type !== 'empty'; got = tail.receive()) {
      if (got.type === 'event') seen.push(got.event.seq_no);
      else if (got.type === 'behind') {
        seen.push(`${got.missing} missing`);
        tail.skipMissing();
      } else return [...seen, 'closed'];
    }
    return seen;
  }
}

function made(capacity = 16) {
  const bus = new EventBus<Envelope>({ capacity, report: () => undefined });
  let now = 0;
  const due: { ms: number; then: () => void }[] = [];
  const broadcaster = new Broadcaster({ bus, pace: { now: () => now, after: (ms, then) => void due.push({ ms, then }) } });
  let last = 0;
  return {
    bus,
    broadcaster,
    due,
    publish: (count: number, fields?: object) => {
      for (let i = 0; i < count; i++) bus.publish(envelope(++last, fields));
    },
    follow: (voice: Voice = 'live', upto = last) => {
      const watcher = new Watcher(voice);
      watcher.upto = upto;
      broadcaster.add(watcher);
      return watcher;
    },
    pass: (ms: number) => (now += ms),
  };
}

const turn = (): Promise<void> => Promise.resolve();

describe('the broadcaster', () => {
  it('sends at once when it was quiet, all of one go together, and the same bytes to all', async () => {
    const { publish, follow } = made();
    const [a, b] = [follow(), follow()];
    publish(3);
    expect(a.written).toEqual([]);
    await turn();
    expect(a.told()).toEqual(['events 1-3']);
    expect(a.written[0]).toBe(b.written[0]);
  });

  it('sends at most one batch in a window while events keep coming', async () => {
    const { publish, follow, pass, due } = made();
    const watcher = follow();
    publish(1);
    await turn();
    pass(WINDOW_MS / 4);
    publish(1);
    pass(WINDOW_MS / 4);
    publish(1);
    await turn();
    expect(watcher.told()).toEqual(['events 1-1']);
    expect(due.map(({ ms }) => ms)).toEqual([(WINDOW_MS * 3) / 4]);
    due.pop()?.then();
    expect(watcher.told()).toEqual(['events 1-1', 'events 2-3']);
  });

  it('under load gives half of the event loop to others: the next batch waits as long again as the last one took', async () => {
    const { publish, follow, pass, due } = made();
    const watcher = follow();
    watcher.takes = () => pass(3);
    publish(2);
    await turn();
    publish(1);
    pass(1);
    publish(1);
    await turn();
    expect(watcher.told()).toEqual(['events 1-2']);
    expect(due.map(({ ms }) => ms)).toEqual([3 * WINDOW_FLUSHES - 3]);
    due.pop()?.then();
    expect(watcher.told()).toEqual(['events 1-2', 'events 3-4']);
  });

  it('but keeps nobody waiting for more than a frame of a screen', async () => {
    const { publish, follow, pass, due } = made();
    follow().takes = () => pass(WINDOW_MOST_MS - 1);
    publish(2);
    await turn();
    publish(1);
    expect(due.map(({ ms }) => ms)).toEqual([1]);
  });

  it('after quiet sends at once, however long the last batch took', async () => {
    const { publish, follow, pass, due } = made();
    const watcher = follow();
    watcher.takes = () => pass(3);
    publish(2);
    await turn();
    pass(3);
    publish(1);
    await turn();
    expect(watcher.told()).toEqual(['events 1-2', 'events 3-3']);
    expect(due).toEqual([]);
  });

  it('waits a turn, not a time, for an event that comes because the last one was seen', async () => {
    const { publish, follow, pass, due } = made();
    const watcher = follow();
    watcher.takes = () => pass(3);
    publish(1);
    await turn();
    publish(1);
    for (let i = 0; i < 2; i++) {
      expect(due.map(({ ms }) => ms)).toEqual([0]);
      due.pop()?.then();
    }
    expect(watcher.told()).toEqual(['events 1-1', 'events 2-2']);
  });

  it('sends together what came while it was busy, as long as each turn brings more, for a window at most', async () => {
    const { publish, follow, pass, due } = made();
    const watcher = follow();
    watcher.takes = () => pass(3);
    publish(1);
    await turn();
    publish(1);
    for (let passed_ms = 0; passed_ms < WINDOW_MS; passed_ms += WINDOW_MS / 4) {
      due.pop()?.then();
      expect(watcher.told()).toHaveLength(1);
      publish(1);
      pass(WINDOW_MS / 4);
    }
    due.pop()?.then();
    expect(watcher.told()).toEqual(['events 1-1', 'events 2-6']);
    expect(due).toEqual([]);
  });

  it('does not wait for the window with more than the ring could hold', () => {
    const { publish, follow } = made(16);
    const watcher = follow();
    publish(100);
    expect(watcher.upto).toBeGreaterThanOrEqual(96);
    expect(watcher.left).toBeUndefined();
    expect(watcher.told()[0]).toBe('events 1-8');
  });

  it('sends a plain viewer each envelope as a frame, in one write', async () => {
    const { publish, follow } = made();
    const watcher = follow('plain');
    publish(2);
    await turn();
    expect(watcher.written).toHaveLength(1);
    expect(watcher.told()).toEqual([JSON.stringify(envelope(1)), JSON.stringify(envelope(2))]);
  });

  it('sends away who has no room, with a cursor on exactly what it lacks; the others do not notice', async () => {
    const { broadcaster, publish, follow } = made();
    const [slow, other] = [follow(), follow()];
    publish(2);
    await turn();
    slow.full = true;
    publish(3);
    broadcaster.flush();
    expect(slow.upto).toBe(2);
    publish(2);
    broadcaster.flush();
    expect(slow.rest()).toEqual([3, 4, 5, 6, 7]);
    expect(other.told().at(-1)).toBe('events 6-7');
    expect(slow.told()).toHaveLength(1);
  });

  it('that cursor tells the exact count when the ring has gone on', async () => {
    const { broadcaster, publish, follow } = made(4);
    const slow = follow();
    slow.full = true;
    publish(1);
    broadcaster.flush();
    publish(9);
    expect(slow.rest()).toEqual(['6 missing', 7, 8, 9, 10]);
    await turn();
  });

  it('sends away who watches a run that ends in the batch, before the batch', async () => {
    const { publish, follow } = made();
    const [watching, other] = [follow(), follow()];
    watching.watched.add(7);
    publish(1);
    publish(1, { kind: 'run_cancelled', run_id: 7, reason: 'operator' });
    await turn();
    expect(watching.told()).toEqual([]);
    expect(watching.rest()).toEqual([1, 2]);
    expect(other.told()).toEqual(['events 1-2']);
  });

  it('gives who came in the middle only what it lacks, and nothing twice', async () => {
    const { broadcaster, publish, follow } = made();
    const early = follow();
    publish(3);
    const [middle, late] = [follow('live', 2), follow('live', 3)];
    broadcaster.flush();
    expect([early, middle, late].map((watcher) => watcher.told())).toEqual([['events 1-3'], ['events 3-3'], []]);
    publish(1);
    broadcaster.flush();
    expect(late.told()).toEqual(['events 4-4']);
    await turn();
  });

  it('sends away who would be left with a hole', async () => {
    const { publish, follow } = made();
    publish(5);
    const watcher = follow('live', 2);
    publish(1);
    await turn();
    expect(watcher.told()).toEqual([]);
    expect(watcher.rest()).toEqual(['3 missing', 6]);
  });

  it('reads the ring only while somebody follows', async () => {
    const { bus, broadcaster, follow } = made();
    expect(bus.publish(envelope(1))).toBe(0);
    const [a, b] = [follow('live', 1), follow('live', 1)];
    expect(bus.publish(envelope(2))).toBe(1);
    broadcaster.remove(a);
    broadcaster.remove(b);
    broadcaster.remove(b);
    expect(bus.publish(envelope(3))).toBe(0);
    await turn();
  });

  it('gives what is left when the bus is closed, then lets everybody go; later ones at once', async () => {
    const { bus, publish, follow } = made();
    const watcher = follow();
    publish(2);
    bus.close();
    await turn();
    expect(watcher.told()).toEqual(['events 1-2']);
    expect(watcher.left).toBeNull();
    expect(follow().left).toBeNull();
  });
});
