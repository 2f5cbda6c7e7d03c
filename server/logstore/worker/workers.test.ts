import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { handClock } from '../log_store_fixture.ts';
import type { FixtureJobs } from './thread_fixture.ts';
import { WATCHED_STILL_MOST } from './job_thread.ts';
import { JOBS_WAITING_MOST, openWorkers, THREADS_MOST, type Workers } from './workers.ts';

const FIXTURE = new URL('./thread_fixture.ts', import.meta.url);
const clock = handClock();
let workers: Workers<FixtureJobs>;

beforeEach(() => {
  workers = openWorkers<FixtureJobs>(clock, FIXTURE);
});
afterEach(async () => workers.close());

/** A job that is running now; it ends when cancelled. */
async function running(background = false): Promise<{ cancel: () => void; ended: Promise<unknown> }> {
  const cancelling = new AbortController();
  const { promise: begun, resolve } = Promise.withResolvers<void>();
  const ended = workers
    .run('wait', null, { signal: cancelling.signal, told: () => resolve(), background })
    .catch((error: unknown) => error);
  await begun;
  return { cancel: () => cancelling.abort(new Error('enough')), ended };
}

async function hangs(ask: FixtureJobs['hang']['ask'], signal?: AbortSignal): Promise<{ ended: Promise<unknown> }> {
  const { promise: begun, resolve } = Promise.withResolvers<void>();
  const ended = workers.run('hang', ask, { told: () => resolve(), ...(signal && { signal }) }).catch((error: unknown) => error);
  await begun;
  return { ended };
}

function watch(times: number): void {
  for (let i = 0; i < times; i++) clock.ring();
}

describe('a job', () => {
  it('tells on its way and answers', async () => {
    const told: string[] = [];
    expect(await workers.run('echo', 'hello', { told: (text) => told.push(text) })).toBe('hello');
    expect(told).toEqual(['told hello']);
  });

  it('fails with its own error, a failure as one', async () => {
    await expect(workers.run('fail', 'failure')).rejects.toMatchObject({ name: 'Failure', code: 'gone', message: 'It is gone.' });
    await expect(workers.run('fail', 'error')).rejects.toThrow('a bug');
    expect(await workers.run('echo', 'still there')).toBe('still there');
  });

  it('waits for a free thread, in the order asked, and not beyond the bound', async () => {
    const busy = await Promise.all(Array.from({ length: THREADS_MOST }, () => running()));
    const order: string[] = [];
    const asked = Array.from({ length: JOBS_WAITING_MOST }, (_, n) => workers.run('echo', String(n)).then((text) => void order.push(text)));
    await expect(workers.run('echo', 'one too many')).rejects.toMatchObject({ code: 'too_many' });
    const goes_on = workers.run('echo', 'a part of what was begun', { goes_on: true });
    busy[0]?.cancel();
    await Promise.all(asked);
    expect(await goes_on).toBe('a part of what was begun');
    expect(order).toEqual(Array.from({ length: JOBS_WAITING_MOST }, (_, n) => String(n)));
    busy[1]?.cancel();
  });

  it('listens to a signal no longer than for its job', async () => {
    const { signal } = new AbortController();
    expect(await workers.run('echo', 'done', { signal })).toBe('done');
    await expect(workers.run('fail', 'error', { signal })).rejects.toThrow('a bug');
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('in the background leaves a thread free', async () => {
    const first = await running(true);
    const second = workers.run('echo', 'survey', { background: true });
    expect(await workers.run('echo', 'search')).toBe('search');
    first.cancel();
    expect(await second).toBe('survey');
  });
});

describe('cancelling', () => {
  it('ends a running job at once and frees its thread', async () => {
    const jobs = await Promise.all(Array.from({ length: THREADS_MOST }, () => running()));
    for (const { cancel } of jobs) cancel();
    for (const { ended } of jobs) expect(await ended).toMatchObject({ message: 'enough' });
    expect(await workers.run('echo', 'free')).toBe('free');
  });

  it('takes a waiting job out of the queue', async () => {
    const busy = await Promise.all(Array.from({ length: THREADS_MOST }, () => running()));
    const cancelling = new AbortController();
    const waiting = workers.run('echo', 'never', { signal: cancelling.signal, told: () => expect.unreachable() });
    cancelling.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(workers.run('echo', 'never', { signal: cancelling.signal })).rejects.toThrow('enough');
    for (const { cancel } of busy) cancel();
    expect(await workers.run('echo', 'next')).toBe('next');
  });

  it('ends the thread of a job that does not notice', async () => {
    const cancelling = new AbortController();
    for (let i = 0; i < THREADS_MOST; i++) await hangs({ guarded: false, beats: false }, cancelling.signal);
    cancelling.abort(new Error('enough'));
    watch(WATCHED_STILL_MOST);
    expect(await workers.run('echo', 'a new thread')).toBe('a new thread');
  });
});

describe('a thread', () => {
  it('is ended when guarded work does not move, and replaced', async () => {
    const stuck = await Promise.all(Array.from({ length: THREADS_MOST }, () => hangs({ guarded: true, beats: false })));
    // It beat once when it began.
    watch(1 + WATCHED_STILL_MOST);
    for (const { ended } of stuck) expect(await ended).toMatchObject({ name: 'JobError', code: 'stuck' });
    expect(await workers.run('echo', 'a new thread')).toBe('a new thread');
  });

  it('may take as long as it likes while it moves', async () => {
    const cancelling = new AbortController();
    let seen: () => void = () => {};
    const ended = workers.run('hang', { guarded: true, beats: true }, { told: () => seen(), signal: cancelling.signal });
    for (let looks = 0; looks < 2 * WATCHED_STILL_MOST; looks++) {
      await new Promise<void>((resolve) => (seen = resolve));
      watch(1);
    }
    cancelling.abort(new Error('enough'));
    await expect(ended).rejects.toThrow('enough');
  });

  it('may take as long as it likes over what is not guarded', async () => {
    const cancelling = new AbortController();
    const { ended } = await hangs({ guarded: false, beats: false }, cancelling.signal);
    watch(2 * WATCHED_STILL_MOST);
    cancelling.abort(new Error('enough'));
    expect(await ended).toMatchObject({ message: 'enough' });
  });

  it('that crashes takes its job with it and nothing else', async () => {
    const other = await running();
    await expect(workers.run('crash', null)).rejects.toMatchObject({ code: 'crashed', cause: { message: 'out of the blue' } });
    expect(await workers.run('echo', 'a new thread')).toBe('a new thread');
    other.cancel();
    expect(await other.ended).toMatchObject({ message: 'enough' });
  });
});

it('closing fails what runs and what waits, twice the same', async () => {
  const busy = await Promise.all(Array.from({ length: THREADS_MOST }, () => running()));
  const waiting = workers.run('echo', 'never');
  const closed = [workers.close(), workers.close()];
  await expect(waiting).rejects.toMatchObject({ code: 'unavailable' });
  for (const { ended } of busy) expect(await ended).toMatchObject({ code: 'unavailable' });
  await Promise.all(closed);
  await expect(workers.run('echo', 'late')).rejects.toMatchObject({ code: 'unavailable' });
});

it('does not keep a process from ending', async () => {
  const script = `
      const { openWorkers } = await import(${JSON.stringify(new URL('./workers.ts', import.meta.url).href)});
      const { systemClock } = await import(${JSON.stringify(new URL('../../clock.ts', import.meta.url).href)});
      const workers = openWorkers(systemClock, new URL(${JSON.stringify(FIXTURE.href)}));
      await workers.run('echo', 'x');`;
  await promisify(execFile)(process.execPath, ['-e', script], { timeout: 20_000 });
});
