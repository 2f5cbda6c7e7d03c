import { describe, expect, it } from 'vitest';
import type { Envelope } from '../../src/shared/protocol/envelope.ts';
import { EventBus } from '../bus/event_bus.ts';
import { newCounters } from './counters.ts';
import { FRAMES_KEPT, FRAMES_KEPT_BYTES, FrameCache } from './frame_cache.ts';
import { gatewayMetrics } from './gateway_metrics.ts';
import { settled } from './house_for_tests.ts';
import { FakeSocket, ManualClock, MemoryLogs } from './stand_ins_for_tests.ts';
import { Lane } from './lane.ts';
import { OUTBOX_LOW_BYTES } from './limits.ts';
import { Outbox } from './outbox.ts';
import { endedRun } from './run_ends.ts';
import { Tail } from './tail.ts';
import { textFrame } from './wire.ts';

const envelope = (seq_no: number, fields: object = { kind: 'new_kind' }): Envelope =>
  ({ seq_no, id: `id-${seq_no}`, at: '2026-01-01T00:00:00.000Z', project: '*', ...fields }) as Envelope;

/** A frame of `bytes` bytes, head included. */
const frameOf = (bytes: number): Buffer => textFrame('x'.repeat(bytes - (bytes < 128 ? 2 : bytes < 65_540 ? 4 : 10)));

describe('Tail', () => {
  const opened = (upto: number) => {
    const bus = new EventBus<Envelope>({ capacity: 4, report: () => {} });
    const tail = new Tail(bus.subscribe(), upto);
    const publish = (...seqs: number[]) => seqs.forEach((seq_no) => bus.publish(envelope(seq_no)));
    return { bus, tail, publish };
  };

  it('gives in order what comes after its place, and nothing twice', () => {
    const { tail, publish } = opened(5);
    publish(4, 5, 6, 7);
    expect([tail.receive(), tail.receive(), tail.receive()]).toMatchObject([
      { event: { seq_no: 6 } },
      { event: { seq_no: 7 } },
      { type: 'empty' },
    ]);
    expect(tail.upto).toBe(7);
  });

  it('says how many are missing, again until its place is moved', () => {
    const { tail, publish } = opened(0);
    publish(1, 2, 3, 4, 5, 6);
    expect([tail.receive(), tail.receive()]).toEqual([
      { type: 'behind', missing: 2 },
      { type: 'behind', missing: 2 },
    ]);
    tail.skipMissing();
    expect(tail.receive()).toMatchObject({ event: { seq_no: 3 } });
  });

  it('lacks nothing when what the ring dropped came from elsewhere', () => {
    const { tail, publish } = opened(0);
    publish(1, 2, 3, 4, 5, 6);
    tail.upto = 4;
    expect(tail.receive()).toMatchObject({ event: { seq_no: 5 } });
  });

  it('may lag twice in a row, and drains before it is closed', () => {
    const { bus, tail, publish } = opened(0);
    publish(1, 2, 3, 4, 5, 6);
    expect(tail.receive()).toEqual({ type: 'behind', missing: 2 });
    publish(7, 8, 9, 10);
    tail.upto = 3;
    // 3 was in hand; 4 to 6 went meanwhile.
    expect(tail.receive()).toEqual({ type: 'behind', missing: 3 });
    tail.upto = 9;
    bus.close();
    expect([tail.receive(), tail.receive()]).toMatchObject([{ event: { seq_no: 10 } }, { type: 'closed' }]);
  });
});

describe('Outbox', () => {
  const stalledOutbox = () => {
    const socket = new FakeSocket();
    socket.stalled = true;
    return { socket, outbox: new Outbox(socket, newCounters()) };
  };

  it('has room while the buffer and the next frame stay below the limit, and always when nothing waits', () => {
    const { outbox } = stalledOutbox();
    expect(outbox.hasRoom(1_000, 100)).toBe(true);
    outbox.write(frameOf(60));
    expect([outbox.hasRoom(39, 100), outbox.hasRoom(40, 100)]).toEqual([true, false]);
  });

  it('takes what is offered only when there is room', () => {
    const { socket, outbox } = stalledOutbox();
    expect([outbox.offer(frameOf(200), 100), outbox.offer(frameOf(4), 100)]).toEqual([true, false]);
    expect(socket.frames).toHaveLength(1);
  });

  it('wakes who waits for room when the buffer is empty, and tells of progress before', async () => {
    const { socket, outbox } = stalledOutbox();
    let woken = 0;
    outbox.write(frameOf(60));
    outbox.write(frameOf(30));
    for (const bytes of [50, 80]) void outbox.room(bytes, 100).then(() => woken++);
    const { at } = outbox.progress;
    socket.release(1);
    await settled();
    expect(woken).toBe(0);
    expect(outbox.progress).toMatchObject({ waiting: true });
    expect(outbox.progress.at).not.toBe(at);
    socket.release(1);
    await settled();
    expect(woken).toBe(2);
    expect(outbox.progress.waiting).toBe(false);
  });

  it('lets everybody go when it is closed, and sends nothing more', async () => {
    const { socket, outbox } = stalledOutbox();
    outbox.write(frameOf(60));
    const room = outbox.room(50, 100);
    outbox.close();
    await room;
    outbox.write(frameOf(4));
    expect(socket.frames).toHaveLength(1);
  });
});

it('a lane does not read what there is no room for', async () => {
  const socket = new FakeSocket();
  socket.stalled = true;
  const outbox = new Outbox(socket, newCounters());
  const logs = new MemoryLogs();
  logs.write(1, 'x');
  const lane = new Lane(1, 0, { logs, outbox, clock: new ManualClock(), print: (chunk) => textFrame(chunk.text) });
  outbox.write(frameOf(OUTBOX_LOW_BYTES));
  expect(await lane.pull(OUTBOX_LOW_BYTES, true)).toBe('full');
  expect(logs.reads).toBe(0);
  socket.flow();
  expect(await lane.pull(OUTBOX_LOW_BYTES, true)).toBe('idle');
  expect(lane.offset).toBe(1);
});

describe('FrameCache', () => {
  it('prints once, and keeps within its bounds', () => {
    const cache = new FrameCache();
    let printed = 0;
    const get = (key: string, size = 1) => cache.get(key, () => (printed++, 'x'.repeat(size)));
    expect(get('a')).toBe(get('a'));
    expect(printed).toBe(1);
    for (let i = 0; i < FRAMES_KEPT; i++) get(String(i));
    get('a');
    expect(printed).toBe(FRAMES_KEPT + 2);
    get('big', FRAMES_KEPT_BYTES);
    get('a');
    expect(printed).toBe(FRAMES_KEPT + 4);
    // Larger than everything that may be kept: still a frame.
    expect(get('huge', FRAMES_KEPT_BYTES + 1)).toHaveLength(FRAMES_KEPT_BYTES + 1 + 10);
  });
});

it('knows which events settle a run', () => {
  const of = (fields: object): number | null => endedRun(envelope(1, fields));
  expect(of({ kind: 'build_ok', run_id: 7 })).toBe(7);
  expect(of({ kind: 'deploy_failed', run_id: 7 })).toBe(7);
  expect(of({ kind: 'run_cancelled', run_id: 7 })).toBe(7);
  expect(of({ kind: 'build_aborted' })).toBeNull();
  expect(of({ kind: 'gate_done', run_id: 7, outcome: { status: 'failed' } })).toBe(7);
  expect(of({ kind: 'gate_done', run_id: 7, outcome: { status: 'blocked' } })).toBeNull();
  expect(of({ kind: 'gate_start', run_id: 7 })).toBeNull();
  expect(of({ kind: 'of_the_future', run_id: 7 })).toBeNull();
});

it('names every counter once for the metrics page', () => {
  const counters = { ...newCounters(), lags: 3 };
  const metrics = gatewayMetrics(counters, () => 5);
  expect(new Set(metrics.map(({ name }) => name)).size).toBe(Object.keys(counters).length + 1);
  expect(metrics.find(({ name }) => name === 'signalbox_viewer_lags_total')?.read()).toBe(3);
  expect(metrics.find(({ name }) => name === 'signalbox_viewers')?.read()).toBe(5);
});
