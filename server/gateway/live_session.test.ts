import { describe, expect, it, vi } from 'vitest';
import { fold } from '../../src/shared/fold/fold.ts';
import { CLOSE } from '../../src/shared/protocol/close_codes.ts';
import type { Event } from '../../src/shared/protocol/events/event.ts';
import { EPOCH, gateDone, gateStart, gist, House, settled, story, type LiveViewer } from './house_for_tests.ts';
import {
  BAD_FRAMES_PER_PING,
  MAX_WATCHED,
  MESSAGES_PER_PING,
  OUTBOX_HIGH_BYTES,
  LANE_WINDOW_MS,
  OUTBOX_LOW_BYTES,
  PING_INTERVAL_MS,
  RESUME_WITHIN_MS,
  RESUMES_PER_PING,
} from './limits.ts';
import { SnapshotFrames } from './snapshot_frames.ts';
import { textsOf } from './stand_ins_for_tests.ts';

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const gists = (viewer: LiveViewer): string[] => viewer.frames().map(gist);

/** Two of these lots are more than is always replayed, one is not. */
const MANY = 150;
const kilobyte = { kind: 'story_blocked', story_id: 's', reason: 'x'.repeat(1024) } as const;
/** Ten of them fill an outbox. */
const fat = { kind: 'story_blocked', story_id: 's', reason: 'x'.repeat(100 * 1024) } as const;

async function recordSettled(house: House, ...events: Parameters<House['record']>): Promise<void> {
  await house.record(...events);
  await settled();
}

async function joined(house: House): Promise<LiveViewer> {
  const viewer = house.live();
  await viewer.resume(EPOCH, 0, null);
  return viewer;
}

describe('hello and resume', () => {
  it('says hello at once, and nothing else before resume', async () => {
    const house = new House();
    await house.recordMany(3);
    const viewer = house.live();
    await house.recordMany(2);
    await settled();
    expect(viewer.frames()).toEqual([
      {
        type: 'hello',
        boot_id: 'boot-1',
        epoch: EPOCH,
        head: 3,
        floor: 0,
        capacity: 8,
        server_version: '0.1.0',
        protocol: 1,
        fold_version: 3,
        actor: null,
        now: '2026-01-01T00:00:00.000Z',
      },
    ]);
  });

  it('ends a connection that does not say resume in time', () => {
    const house = new House();
    const { socket } = house.live();
    house.clock.advance(RESUME_WITHIN_MS - 1);
    expect(socket.closed).toEqual([]);
    house.clock.advance(1);
    expect(socket.closed).toMatchObject([{ code: CLOSE.no_resume }]);
  });

  it('ends it in time also when the wall clock is set back meanwhile', () => {
    const house = new House();
    const { socket } = house.live();
    house.clock.setBack(60_000);
    house.clock.advance(RESUME_WITHIN_MS);
    expect(socket.closed).toMatchObject([{ code: CLOSE.no_resume }]);
  });

  it('does not end one that did', async () => {
    const house = new House();
    const viewer = await joined(house);
    expect(house.clock.timers).toBe(0);
    house.clock.advance(RESUME_WITHIN_MS);
    expect(viewer.socket.closed).toEqual([]);
    expect(gists(viewer)).toEqual(['hello', 'replayed 0 true']);
  });

  it('gives a fresh client a snapshot that is the JSON of the state', async () => {
    const house = new House();
    await house.recordMany(3);
    const viewer = house.live();
    await viewer.resume();
    expect(gists(viewer)).toEqual(['hello', 'snapshot 3', 'replayed 3 false']);
    const texts = viewer.of('snapshot').map(({ text }) => text);
    expect(JSON.parse(texts.join(''))).toEqual(JSON.parse(JSON.stringify(house.state)));
  });

  it('gives a large snapshot to a slow client piece by piece', async () => {
    const house = new House();
    house.state = { ...house.state, gaps: [{ from: 1, to: 2, why: 'x'.repeat(3 * OUTBOX_HIGH_BYTES), at: '2026-01-01T00:00:00.000Z' }] };
    const viewer = house.live();
    viewer.socket.stalled = true;
    await viewer.resume();
    expect(viewer.of('snapshot').length).toBeLessThan(16);
    viewer.socket.flow();
    await vi.waitFor(() => expect(viewer.of('replayed')).toHaveLength(1));
    expect(viewer.socket.mostBuffered).toBeLessThan(OUTBOX_HIGH_BYTES);
    const parts = viewer.of('snapshot');
    expect(parts).toHaveLength(parts[0]?.of ?? 0);
  });

  it('replays what is missing, in batches that join, and then goes on live', async () => {
    const house = new House();
    await house.recordMany(700);
    const viewer = house.live();
    await viewer.resume(EPOCH, 100);
    await house.recordMany(2);
    await settled();
    expect(viewer.seqs()).toEqual(range(101, 702));
    expect(gists(viewer).indexOf('replayed 700 true')).toBe(gists(viewer).findIndex((what) => what.startsWith('events 701')) - 1);
    let upto = 100;
    for (const frame of viewer.of('events')) {
      expect(frame.after).toBe(upto);
      upto = frame.upto;
    }
  });

  it.each([
    ['another epoch', '9-other', 2, 'id-2'],
    ['another envelope there', EPOCH, 2, 'id-x'],
    ['no envelope named', EPOCH, 2, null],
    ['beyond the head', EPOCH, 99, 'id-99'],
  ] as const)('with %s it gets a snapshot, not recovered', async (_what, epoch, after, id) => {
    const house = new House();
    await house.recordMany(3);
    const viewer = house.live();
    await viewer.resume(epoch, after, id);
    expect(gists(viewer)).toEqual(['hello', 'snapshot 3', 'replayed 3 false']);
  });

  it.each(range(0, 12))('from %i of 12 it gets exactly the rest, recovered', async (after) => {
    const house = new House();
    await house.recordMany(12);
    const viewer = house.live();
    await viewer.resume(EPOCH, after);
    expect(viewer.seqs()).toEqual(range(after + 1, 12));
    expect(viewer.of('replayed')).toEqual([{ type: 'replayed', upto: 12, recovered: true }]);
    expect(viewer.of('snapshot')).toEqual([]);
  });

  it.each([
    ['nothing', null, null, null],
    ['a log that was empty', EPOCH, 0, null],
    ['a longer log that was restored to this one', '2-restored', 7, 'id-7'],
  ] as const)('of an empty log, knowing %s, it is told that there is nothing', async (_what, epoch, after, id) => {
    const house = new House();
    const viewer = house.live();
    await viewer.resume(epoch, after, id);
    const recovered = after === 0;
    expect(gists(viewer)).toEqual(['hello', ...(recovered ? [] : ['snapshot 0']), `replayed 0 ${recovered}`]);
    await house.recordMany(1);
    await settled();
    expect(gists(viewer).at(-1)).toBe('events 1-1');
  });

  it.each([0, 3, 5])('at %i, at or below the floor, it gets a snapshot', async (after) => {
    const house = new House({ floor: 5 });
    await house.recordMany(3);
    const viewer = house.live();
    await viewer.resume(EPOCH, after, after === 0 ? null : `id-${after}`);
    expect(gists(viewer)).toEqual(['hello', 'snapshot 8', 'replayed 8 false']);
  });

  it('gets the events or a snapshot, whichever is less', async () => {
    const house = new House();
    for (let i = 0; i < 2 * MANY; i++) await house.record(kilobyte);
    const [far, near] = [house.live(), house.live()];
    await far.resume(EPOCH, 0, null);
    await near.resume(EPOCH, MANY);
    await vi.waitFor(() => expect(near.of('replayed')).toHaveLength(1));
    expect(gists(far).filter((what) => !what.startsWith('snapshot'))).toEqual(['hello', `replayed ${2 * MANY} false`]);
    expect(near.seqs()).toEqual(range(MANY + 1, 2 * MANY));
    // A larger state, and the same events are the lesser.
    house.state = { ...house.state, gaps: [{ from: 1, to: 2, why: 'x'.repeat(2 * OUTBOX_HIGH_BYTES), at: '2026-01-01T00:00:00.000Z' }] };
    await house.record(kilobyte);
    house.deps.snapshots = new SnapshotFrames();
    const again = house.live();
    await again.resume(EPOCH, 0, null);
    await vi.waitFor(() => expect(again.of('replayed')).toMatchObject([{ recovered: true }]));
    expect(again.seqs()).toEqual(range(1, 2 * MANY + 1));
  });

  it('has no seam between replay and live while events pour in', async () => {
    const house = new House({ capacity: 4 });
    await house.recordMany(300);
    const viewer = house.live();
    viewer.say({ type: 'resume', epoch: EPOCH, after: 0, id: null });
    for (let i = 0; i < 300; i++) {
      await house.record(story());
      if (i % 7 === 0) await settled();
    }
    await settled();
    expect(viewer.seqs()).toEqual(range(1, 600));
  });

  it('snapshot and events, or events alone: the same state', async () => {
    const house = new House();
    await house.recordMany(5);
    const viewer = house.live();
    await viewer.resume();
    await house.recordMany(5);
    await settled();
    const snapshot = JSON.parse(
      viewer
        .of('snapshot')
        .map(({ text }) => text)
        .join(''),
    ) as typeof house.state;
    const folded = viewer
      .of('events')
      .flatMap(({ items }) => items)
      .reduce(fold, snapshot);
    expect(folded).toEqual(JSON.parse(JSON.stringify(house.state)));
  });
});

describe('live', () => {
  it('sends what one commit brought in one frame, at once', async () => {
    const house = new House();
    const viewer = await joined(house);
    await house.record(story(), story(), story());
    await settled();
    expect(gists(viewer).at(-1)).toBe('events 1-3');
  });

  it('sends the first at once, and gathers what comes until the window ends', async () => {
    const house = new House({ capacity: 64 });
    const viewer = await joined(house);
    await house.recordMany(6);
    await settled();
    expect(gists(viewer).slice(2)).toEqual(['events 1-1', 'events 2-6']);
    await house.recordMany(1);
    await settled();
    expect(gists(viewer).at(-1)).toBe('events 7-7');
  });

  it('prints a batch once for all who keep up', async () => {
    const house = new House();
    const frames: Buffer[] = [];
    const viewers = await Promise.all([joined(house), joined(house)]);
    for (const { socket } of viewers) {
      const write = socket.write.bind(socket);
      socket.write = (frame) => (frames.push(frame), write(frame));
    }
    await house.recordMany(1);
    await settled();
    expect(frames).toHaveLength(2);
    expect(frames[0]).toBe(frames[1]);
  });

  it('tells a reader that fell out of the ring exactly how many it missed, and heals it on the same connection', async () => {
    const house = new House({ capacity: 8 });
    const viewer = await joined(house);
    viewer.socket.stalled = true;
    for (let i = 0; i < 30; i++) await recordSettled(house, fat);
    // Ten fill the outbox; of 11 to 30 the ring keeps the last 8, so 12 are gone.
    expect(viewer.seqs()).toEqual(range(1, 10));
    viewer.socket.flow();
    // Two megabytes in twenty pages, with a turn of the loop after each.
    await vi.waitFor(() => expect(viewer.of('replayed')).toHaveLength(2), 15_000);
    expect(viewer.seqs()).toEqual(range(1, 30));
    expect(
      gists(viewer)
        .slice(11)
        .filter((what) => !what.startsWith('events')),
    ).toEqual(['events 10-10', 'lagged 12', 'replayed 30 true'].slice(1));
    expect(house.counters).toMatchObject({ lags: 1, events_skipped: 12 });
    await house.recordMany(1);
    await settled();
    expect(gists(viewer).at(-1)).toBe('events 31-31');
    expect(viewer.socket.closed).toEqual([]);
  });

  it('heals by a snapshot when that is less', async () => {
    const house = new House({ capacity: 8 });
    const viewer = await joined(house);
    viewer.socket.stalled = true;
    for (let i = 0; i < 30; i++) await recordSettled(house, fat);
    house.state = { ...house.state, activity: [] };
    viewer.socket.flow();
    await settled();
    expect(gists(viewer).slice(12)).toEqual(['lagged 12', 'snapshot 30', 'replayed 30 false']);
    await house.recordMany(1);
    await settled();
    expect(gists(viewer).at(-1)).toBe('events 31-31');
  });

  it('takes nothing from the ring for a viewer who has no room', async () => {
    const house = new House({ capacity: 8 });
    const viewer = await joined(house);
    viewer.socket.stalled = true;
    for (let i = 0; i < 12; i++) await recordSettled(house, fat);
    viewer.socket.flow();
    await settled();
    expect(gists(viewer).slice(11)).toEqual(['events 10-10', 'events 11-11', 'events 12-12']);
    expect(house.counters.lags).toBe(0);
  });

  it('keeps a stalled reader below the bound, whatever happens', async () => {
    const house = new House();
    const viewer = await joined(house);
    const watched = range(1, MAX_WATCHED);
    for (const run_id of watched) viewer.say({ type: 'watch', run_id, offset: 0 });
    viewer.socket.stalled = true;
    for (let i = 0; i < 300; i++) {
      for (const run_id of watched) house.logs.write(run_id, 'x'.repeat(8 * 1024));
      await house.record({ kind: 'story_blocked', story_id: 's', reason: 'y'.repeat(4096) });
      if (i % 10 === 0) await settled();
    }
    await settled();
    expect(viewer.socket.mostBuffered).toBeLessThan(OUTBOX_HIGH_BYTES);
    expect(viewer.socket.mostBuffered).toBeGreaterThan(OUTBOX_LOW_BYTES / 2);
  });

  it('ends with the bus', async () => {
    const house = new House();
    const viewer = await joined(house);
    house.bus.close();
    await settled();
    expect(viewer.socket.closed).toMatchObject([{ code: CLOSE.going_away }]);
  });

  it('ends, and reports, when the log cannot be read', async () => {
    const house = new House();
    await house.recordMany(2);
    house.deps.log = { bounds: () => house.log.bounds(), read: () => Promise.reject(new Error('disk')) };
    const viewer = house.live();
    await viewer.resume(EPOCH, 1);
    expect(viewer.socket.closed).toMatchObject([{ code: CLOSE.internal }]);
    expect(viewer.socket.closed[0]?.reason).not.toContain('disk');
    expect(house.reports).toMatchObject([{ error: { message: 'disk' } }]);
  });

  it('leaves nothing behind', async () => {
    const house = new House();
    const viewer = await joined(house);
    viewer.say({ type: 'watch', run_id: 1, offset: 0 });
    viewer.session.end();
    viewer.session.end();
    await settled();
    const sent = viewer.socket.frames.length;
    house.logs.write(1, 'x');
    expect(house.bus.publish({ seq_no: 1, id: 'x', at: '2026-01-01T00:00:00.000Z', project: '*', kind: 'new' })).toBe(0);
    await settled();
    expect(viewer.socket.frames).toHaveLength(sent);
    expect(house.clock.timers).toBe(0);
    expect(house.reports).toEqual([]);
  });
});

describe('pings', () => {
  it('name head and time, and take no number', async () => {
    const house = new House();
    const viewer = await joined(house);
    await house.recordMany(2);
    await settled();
    house.tick(PING_INTERVAL_MS);
    expect(viewer.of('ping')).toEqual([{ type: 'ping', head: 2, now: '2026-01-01T00:00:05.000Z', viewers: 1 }]);
    await house.recordMany(1);
    await settled();
    expect(viewer.of('events').at(-1)).toMatchObject({ after: 2, upto: 3 });
  });

  it('end a client that is silent for 35 s, not before', async () => {
    const house = new House();
    const viewer = await joined(house);
    for (let i = 0; i < 7; i++) {
      house.tick(PING_INTERVAL_MS);
      await settled();
    }
    expect(viewer.socket.closed).toEqual([]);
    house.tick(PING_INTERVAL_MS);
    expect(viewer.socket.closed).toMatchObject([{ code: CLOSE.silent }]);
    expect(house.counters.closed_silent).toBe(1);
  });

  it('keep a client that answers', async () => {
    const house = new House();
    const viewer = await joined(house);
    for (let i = 0; i < 30; i++) {
      house.tick(PING_INTERVAL_MS);
      viewer.say({ type: 'pong' });
      await settled();
    }
    expect(viewer.socket.closed).toEqual([]);
    expect(viewer.of('ping')).toHaveLength(30);
  });

  it('do not end everybody when the wall clock jumps', async () => {
    const house = new House();
    const viewer = await joined(house);
    house.tick(24 * 3_600_000);
    expect(viewer.socket.closed).toEqual([]);
  });

  it('end a client that answers but does not read for 30 s', async () => {
    const house = new House();
    const viewer = await joined(house);
    viewer.socket.stalled = true;
    await house.recordMany(1);
    await settled();
    for (let i = 0; i < 6; i++) {
      house.tick(PING_INTERVAL_MS);
      viewer.say({ type: 'pong' });
      expect(viewer.socket.closed).toEqual([]);
    }
    house.tick(PING_INTERVAL_MS);
    expect(viewer.socket.closed).toMatchObject([{ code: CLOSE.stalled }]);
  });

  it('keep a client that reads slowly, though it cannot answer what waits behind the rest', async () => {
    const house = new House();
    const viewer = await joined(house);
    viewer.socket.stalled = true;
    for (let i = 0; i < 20; i++) {
      await house.recordMany(1);
      house.tick(PING_INTERVAL_MS);
      viewer.socket.release(1);
      await settled();
    }
    expect(viewer.socket.closed).toEqual([]);
  });
});

describe('a second resume', () => {
  it('is a hole the client found: counted, and begun anew from there', async () => {
    const house = new House();
    const viewer = await joined(house);
    await house.recordMany(3);
    await settled();
    await viewer.resume(EPOCH, 1);
    expect(gists(viewer).slice(-2)).toEqual(['events 2-3', 'replayed 3 true']);
    expect(house.counters.gaps).toBe(1);
    await house.recordMany(1);
    await settled();
    expect(gists(viewer).at(-1)).toBe('events 4-4');
    expect(viewer.of('events').filter(({ upto }) => upto === 4)).toHaveLength(1);
    expect(house.reports).toEqual([]);
  });

  it('while the first is being answered gives up the first', async () => {
    const house = new House();
    await house.recordMany(1_500);
    const viewer = house.live();
    viewer.say({ type: 'resume', epoch: EPOCH, after: 0, id: null });
    await viewer.resume(EPOCH, 1_400);
    await vi.waitFor(() => expect(viewer.of('replayed')).toHaveLength(1));
    expect(viewer.seqs().slice(-100)).toEqual(range(1_401, 1_500));
    expect(viewer.seqs().length).toBeLessThan(1_500);
  });

  it('may be said a few times between two pings, then it is an error and changes nothing', async () => {
    const house = new House();
    const viewer = await joined(house);
    for (let i = 0; i < RESUMES_PER_PING + 1; i++) await viewer.resume(EPOCH, 0, null);
    expect(viewer.of('replayed')).toHaveLength(1 + RESUMES_PER_PING);
    expect(viewer.of('error')).toMatchObject([{ code: 'too_many_resumes' }]);
    await house.recordMany(1);
    await settled();
    expect(viewer.seqs()).toEqual([1]);
    house.tick(PING_INTERVAL_MS);
    await viewer.resume(EPOCH, 1);
    expect(viewer.of('error')).toHaveLength(1);
    expect(house.counters.gaps).toBe(RESUMES_PER_PING + 1);
  });

  it('leaves the watched logs alone', async () => {
    const house = new House();
    const viewer = await joined(house);
    viewer.say({ type: 'watch', run_id: 1, offset: 0 });
    await viewer.resume(EPOCH, 0, null);
    house.logs.write(1, 'x');
    await settled();
    expect(gists(viewer).at(-1)).toBe('chunk 0+1');
  });
});

describe('bad frames', () => {
  it.each(['', '{', '[]', '{"type":"party"}', '{"type":"watch","run_id":-1,"offset":0}', '{"type":"pong","more":1}', '{"type":"resume"}'])(
    '%j is an error, and the socket stays',
    async (text) => {
      const viewer = await joined(new House());
      viewer.session.receive(text);
      viewer.session.receive(null);
      expect(gists(viewer).slice(-2)).toEqual(['error bad_frame', 'error bad_frame']);
      expect(viewer.socket.closed).toEqual([]);
    },
  );

  it('too many end it', async () => {
    const house = new House();
    const viewer = await joined(house);
    for (let i = 0; i < BAD_FRAMES_PER_PING; i++) viewer.session.receive('{');
    expect(viewer.socket.closed).toEqual([]);
    viewer.session.receive('{');
    viewer.session.receive('{');
    expect(viewer.socket.closed).toMatchObject([{ code: CLOSE.protocol }]);
    expect(house.counters.bad_frames).toBe(BAD_FRAMES_PER_PING + 1);
  });

  it('a few now and then do not', async () => {
    const house = new House();
    const viewer = await joined(house);
    for (let i = 0; i < 2 * BAD_FRAMES_PER_PING; i++) {
      viewer.session.receive('{');
      viewer.say({ type: 'pong' });
      house.tick(PING_INTERVAL_MS);
      await settled();
    }
    expect(viewer.socket.closed).toEqual([]);
    expect(viewer.of('error').length).toBe(2 * BAD_FRAMES_PER_PING);
  });

  it('too many good ones at once count as bad', async () => {
    const house = new House();
    const viewer = await joined(house);
    for (let i = 0; i < MESSAGES_PER_PING - 1; i++) viewer.say({ type: 'pong' });
    expect(viewer.of('error')).toEqual([]);
    viewer.say({ type: 'pong' });
    expect(viewer.of('error')).toMatchObject([{ code: 'too_many_messages' }]);
    house.tick(PING_INTERVAL_MS);
    viewer.say({ type: 'pong' });
    expect(viewer.of('error')).toHaveLength(1);
  });
});

describe('watched logs', () => {
  it('come from the offset on, as they grow, to the end', async () => {
    const house = new House();
    house.logs.write(1, 'one ');
    house.logs.write(1, 'two ');
    const viewer = await joined(house);
    viewer.say({ type: 'watch', run_id: 1, offset: 4 });
    await settled();
    house.logs.write(1, 'three');
    await settled();
    house.logs.close(1);
    await settled();
    expect(gists(viewer).slice(2)).toEqual(['chunk 4+4', 'chunk 8+5', 'log_end 13']);
    expect(viewer.of('chunk')[0]?.chunk).toEqual({
      kind: 'gate_log_chunk',
      at: '2026-01-01T00:00:00.123Z',
      line: 1,
      project: 'hello',
      run_id: 1,
      seq: 1,
      text: 'two ',
      offset: 4,
      bytes: 4,
    });
  });

  it.each([
    ['build', 'build_log_chunk'],
    ['deploy', 'deploy_log_chunk'],
  ] as const)('of a %s are %s', async (type, kind) => {
    const house = new House();
    house.logs.write(1, 'x', type);
    const viewer = await joined(house);
    viewer.say({ type: 'watch', run_id: 1, offset: 0 });
    await settled();
    expect(viewer.of('chunk')[0]?.chunk.kind).toBe(kind);
  });

  it('from beyond the end of a log that is closed cannot be read: it is not the one the viewer knows', async () => {
    const house = new House();
    house.logs.write(1, 'one');
    house.logs.close(1);
    const viewer = await joined(house);
    viewer.say({ type: 'watch', run_id: 1, offset: 5_000 });
    await settled();
    expect(viewer.of('log_end')).toEqual([]);
    expect(viewer.of('error')).toMatchObject([{ code: 'log_unreadable', run_id: 1 }]);
  });

  it('may be watched before the run exists, and no more', async () => {
    const house = new House();
    const viewer = await joined(house);
    viewer.say({ type: 'watch', run_id: 1, offset: 0 });
    viewer.say({ type: 'watch', run_id: 2, offset: 0 });
    await settled();
    expect(viewer.of('error')).toEqual([]);
    viewer.say({ type: 'unwatch', run_id: 2 });
    house.logs.write(1, 'a');
    house.logs.write(2, 'b');
    house.logs.write(3, 'c');
    await settled();
    expect(viewer.of('chunk').map(({ chunk }) => chunk.run_id)).toEqual([1]);
  });

  it('begin anew when watched again', async () => {
    const house = new House();
    house.logs.write(1, 'a');
    const viewer = await joined(house);
    viewer.say({ type: 'watch', run_id: 1, offset: 0 });
    await settled();
    viewer.say({ type: 'watch', run_id: 1, offset: 0 });
    await settled();
    house.logs.write(1, 'b');
    await settled();
    expect(viewer.of('chunk').map(({ chunk }) => chunk.text)).toEqual(['a', 'a', 'b']);
  });

  it('send nothing of a read that was given up meanwhile', async () => {
    const house = new House();
    const viewer = await joined(house);
    let release = (): void => {};
    house.logs.held = new Promise((resolve) => (release = resolve));
    house.logs.write(1, 'a');
    house.logs.write(2, 'b');
    for (const run_id of [1, 2]) viewer.say({ type: 'watch', run_id, offset: 0 });
    await settled();
    viewer.say({ type: 'unwatch', run_id: 1 });
    viewer.say({ type: 'watch', run_id: 2, offset: 0 });
    house.logs.held = null;
    release();
    await settled();
    expect(viewer.of('chunk').map(({ chunk }) => chunk.text)).toEqual(['b']);
  });

  it('stay below the low mark also when printing makes them longer', async () => {
    const house = new House();
    const viewer = await joined(house);
    viewer.socket.stalled = true;
    viewer.say({ type: 'watch', run_id: 1, offset: 0 });
    for (let i = 0; i < 100; i++) house.logs.write(1, '\u001b'.repeat(8 * 1024));
    await settled();
    expect(viewer.socket.bufferedAmount).toBeLessThan(OUTBOX_LOW_BYTES);
    expect(viewer.socket.bufferedAmount).toBeGreaterThan(OUTBOX_LOW_BYTES / 2);
  });

  it('are at most 16; one that ended frees its place', async () => {
    const house = new House();
    const viewer = await joined(house);
    for (const run_id of range(1, MAX_WATCHED + 1)) viewer.say({ type: 'watch', run_id, offset: 0 });
    expect(viewer.of('error')).toMatchObject([{ code: 'too_many_watched', run_id: MAX_WATCHED + 1 }]);
    house.logs.write(1, 'x');
    house.logs.close(1);
    await settled();
    viewer.say({ type: 'watch', run_id: MAX_WATCHED + 1, offset: 0 });
    expect(viewer.of('error')).toHaveLength(1);
  });

  it('leave room for facts: chunks stop at the low mark, events do not', async () => {
    const house = new House();
    const viewer = await joined(house);
    viewer.socket.stalled = true;
    viewer.say({ type: 'watch', run_id: 1, offset: 0 });
    for (let i = 0; i < 100; i++) house.logs.write(1, 'x'.repeat(16 * 1024));
    await settled();
    expect(viewer.socket.bufferedAmount).toBeLessThan(OUTBOX_LOW_BYTES);
    await house.recordMany(1);
    await settled();
    expect(viewer.seqs()).toEqual([1]);
    viewer.socket.flow();
    for (let i = 0; i < 40; i++) {
      await settled();
      house.clock.advance(LANE_WINDOW_MS);
    }
    expect(viewer.of('chunk')).toHaveLength(100);
  });

  it('come no faster than anybody reads, however fast they are written, until the run ends', async () => {
    const house = new House();
    const viewer = await joined(house);
    viewer.say({ type: 'watch', run_id: 1, offset: 0 });
    const write = async (chunks: number): Promise<void> => {
      for (let i = 0; i < chunks; i++) house.logs.write(1, 'x'.repeat(32 * 1024));
      await settled();
    };
    await write(20);
    expect(viewer.of('chunk')).toHaveLength(8);
    await write(1);
    expect(viewer.of('chunk')).toHaveLength(8);
    house.clock.advance(LANE_WINDOW_MS);
    await settled();
    expect(viewer.of('chunk')).toHaveLength(16);
    house.clock.advance(LANE_WINDOW_MS);
    await settled();
    expect(viewer.of('chunk')).toHaveLength(21);
    await write(20);
    house.logs.close(1);
    await house.record(gateDone(1));
    await settled();
    expect(viewer.of('chunk')).toHaveLength(41);
    expect(house.clock.timers).toBe(0);
  });

  it('go on in the next window also when the wall clock is set back meanwhile', async () => {
    const house = new House();
    const viewer = await joined(house);
    viewer.say({ type: 'watch', run_id: 1, offset: 0 });
    for (let i = 0; i < 20; i++) house.logs.write(1, 'x'.repeat(32 * 1024));
    await settled();
    expect(viewer.of('chunk')).toHaveLength(8);
    house.clock.setBack(60_000);
    house.clock.advance(LANE_WINDOW_MS);
    await settled();
    expect(viewer.of('chunk')).toHaveLength(16);
  });

  it('do not pile up reads while the disk is slow', async () => {
    const house = new House();
    const viewer = await joined(house);
    let release = (): void => {};
    house.logs.held = new Promise((resolve) => (release = resolve));
    viewer.say({ type: 'watch', run_id: 1, offset: 0 });
    house.logs.write(1, 'x');
    for (let i = 0; i < 50; i++) {
      house.logs.write(1, 'x');
      await settled();
    }
    house.logs.held = null;
    release();
    await settled();
    expect(viewer.of('chunk')).toHaveLength(51);
    expect(house.logs.reads).toBeLessThan(6);
  });

  it('that cannot be read are an error of that run only', async () => {
    const house = new House();
    const viewer = await joined(house);
    house.logs.failing = new Error('disk');
    house.logs.write(1, 'x');
    viewer.say({ type: 'watch', run_id: 1, offset: 0 });
    await settled();
    expect(viewer.of('error')).toMatchObject([{ code: 'log_unreadable', run_id: 1 }]);
    await house.record(gateDone(1));
    await settled();
    expect(viewer.seqs()).toEqual([1]);
    expect(viewer.socket.closed).toEqual([]);
    expect(house.reports).toHaveLength(1);
  });
});

describe('the end of a watched run', () => {
  it('comes after all of its log', async () => {
    const house = new House();
    const viewer = await joined(house);
    viewer.say({ type: 'watch', run_id: 1, offset: 0 });
    let release = (): void => {};
    house.logs.held = new Promise((resolve) => (release = resolve));
    for (let i = 0; i < 10; i++) house.logs.write(1, 'x'.repeat(10));
    house.logs.close(1);
    await house.record(story(), gateDone(1), story());
    await settled();
    house.logs.held = null;
    release();
    await settled();
    const seen = gists(viewer);
    const end = seen.indexOf('log_end 100');
    expect(seen.slice(2).filter((what) => what.startsWith('chunk'))).toHaveLength(10);
    // What is no end of it need not wait.
    expect(seen.indexOf('events 1-1')).toBeLessThan(seen.indexOf('chunk 0+10'));
    expect(seen.slice(end)).toEqual(['log_end 100', 'events 2-3']);
  });

  it('goes first when the outbox is full, and says what is left out', async () => {
    const house = new House();
    const viewer = await joined(house);
    viewer.say({ type: 'watch', run_id: 1, offset: 0 });
    viewer.socket.stalled = true;
    const piece = 60 * 1024;
    for (let i = 0; i < 40; i++) house.logs.write(1, 'x'.repeat(piece));
    house.logs.close(1);
    await settled();
    await house.record(gateDone(1));
    await settled();
    const chunks = viewer.of('chunk').length;
    expect(chunks * piece).toBeLessThan(OUTBOX_HIGH_BYTES);
    expect(gists(viewer).slice(-2)).toEqual([`log_gap ${chunks * piece}-${40 * piece}`, 'events 1-1']);
    expect(house.counters.log_gaps).toBe(1);
    viewer.socket.flow();
    await settled();
    expect(viewer.of('chunk')).toHaveLength(chunks);
  });

  it('and what is written after the end of a stopped run is shown again, from the end of the gap', async () => {
    const house = new House();
    const viewer = await joined(house);
    viewer.say({ type: 'watch', run_id: 1, offset: 0 });
    viewer.socket.stalled = true;
    const piece = 60 * 1024;
    for (let i = 0; i < 40; i++) house.logs.write(1, 'x'.repeat(piece));
    await settled();
    await house.record(gateDone(1));
    await settled();
    expect(gists(viewer).at(-1)).toBe('events 1-1');
    expect(viewer.of('log_gap')).toMatchObject([{ to: 40 * piece }]);
    viewer.socket.flow();
    house.logs.write(1, 'after');
    house.logs.close(1);
    await settled();
    expect(gists(viewer).slice(-2)).toEqual([`chunk ${40 * piece}+5`, `log_end ${40 * piece + 5}`]);
  });

  it('says what is left out also of a log that was not looked at yet for want of room', async () => {
    const house = new House();
    house.logs.write(1, 'xxxxx');
    house.logs.close(1);
    const viewer = await joined(house);
    viewer.socket.stalled = true;
    const long = (kib: number): Event => ({ kind: 'story_blocked', story_id: 's', reason: 'x'.repeat(kib * 1024) });
    await house.record(long(OUTBOX_HIGH_BYTES / 1024 - 150));
    await settled();
    viewer.say({ type: 'watch', run_id: 1, offset: 0 });
    await settled();
    // It fits, and the log does not fit after it.
    await house.record(long(100), gateDone(1));
    await settled();
    expect(gists(viewer).slice(2)).toEqual(['events 1-1', 'events 2-2', 'log_gap 0-5', 'events 3-3']);
  });

  it('waits for room itself when what is sent first has filled the outbox', async () => {
    const house = new House();
    const viewer = await joined(house);
    viewer.say({ type: 'watch', run_id: 1, offset: 0 });
    viewer.socket.stalled = true;
    for (let i = 0; i < 40; i++) house.logs.write(1, 'x'.repeat(60 * 1024));
    house.logs.close(1);
    await settled();
    await house.record(gateDone(1), { kind: 'story_blocked', story_id: 's', reason: 'x'.repeat(200 * 1024) });
    await settled();
    expect(viewer.of('log_gap')).toHaveLength(1);
    expect(viewer.seqs()).toEqual([1]);
    viewer.socket.flow();
    await settled();
    expect(viewer.seqs()).toEqual([1, 2]);
    expect(viewer.socket.mostBuffered).toBeLessThan(OUTBOX_HIGH_BYTES);
  });

  it('goes first when the disk does not answer', async () => {
    const house = new House();
    const viewer = await joined(house);
    house.logs.write(1, 'xxxxx');
    house.logs.held = new Promise(() => {});
    viewer.say({ type: 'watch', run_id: 1, offset: 0 });
    await house.record(gateDone(1));
    await settled();
    expect(viewer.seqs()).toEqual([]);
    house.clock.advance(1_000);
    await settled();
    expect(gists(viewer).slice(2)).toEqual(['log_gap 0-5', 'events 1-1']);
    expect(house.clock.timers).toBe(0);
  });

  it('goes first when the disk does not answer, also when the wall clock is set back meanwhile', async () => {
    const house = new House();
    const viewer = await joined(house);
    house.logs.write(1, 'xxxxx');
    house.logs.held = new Promise(() => {});
    viewer.say({ type: 'watch', run_id: 1, offset: 0 });
    await house.record(gateDone(1));
    await settled();
    house.clock.setBack(60_000);
    house.clock.advance(1_000);
    await settled();
    expect(gists(viewer).at(-1)).toBe('events 1-1');
  });

  it('is the same for replayed ends, and nothing for runs that nobody watches or gates that are blocked', async () => {
    const house = new House();
    house.logs.write(2, 'two');
    house.logs.close(2);
    await house.record(gateStart(1), gateDone(1, 'blocked'));
    await house.record(gateDone(2));
    const viewer = house.live();
    viewer.say({ type: 'watch', run_id: 1, offset: 0 });
    viewer.say({ type: 'watch', run_id: 2, offset: 0 });
    await viewer.resume(EPOCH, 0, null);
    const seen = gists(viewer);
    expect(seen.indexOf('log_end 3')).toBeLessThan(seen.findIndex((what) => what.endsWith('-3')));
    expect(viewer.seqs()).toEqual([1, 2, 3]);
    // Run 1 is still watched.
    house.logs.write(1, 'one');
    await settled();
    expect(gists(viewer).at(-1)).toBe('chunk 0+3');
  });
});

it('a socket that sends at once is no different', async () => {
  const house = new House();
  const viewer = house.live();
  viewer.socket.write = (frame) => void viewer.socket.frames.push(...textsOf(frame));
  await viewer.resume(EPOCH, 0, null);
  await house.recordMany(20);
  await settled();
  expect(viewer.seqs()).toEqual(range(1, 20));
});
