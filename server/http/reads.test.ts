import { describe, expect, it } from 'vitest';
import { GateId, ProjectId, RunId, TierId, Version } from '../../src/shared/protocol/ids.ts';
import type { Event } from '../../src/shared/protocol/events/event.ts';
import { LinesAnswer, LogStatAnswer, PlaceAnswer } from '../../src/shared/protocol/run_log.ts';
import { LogError, type EventLog } from '../eventlog/port.ts';
import { Failure } from '../failure.ts';
import { addLog, ask, openHello, openHouse, type House } from './house_for_tests.ts';
import { PollProjection } from './poll.ts';
import type { IndexedRun } from './run_index_port.ts';

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const version = Version.parse('1.0.0');
const story = (story_id: string): Event => ({ kind: 'story_blocked', story_id, reason: 'why' });
const items = (body: Record<string, unknown>): { seq_no: number }[] => body['items'] as { seq_no: number }[];

describe('state', () => {
  it('is the fold of the log, with its place in it', async () => {
    const house = await openHello();
    expect((await ask(house, 'GET', '/api/v1/state')).body).toEqual({
      epoch: '1-test',
      seq_no: 1,
      fold_version: 3,
      state: plain(house.state()),
    });
    expect((await ask(house, 'GET', '/state')).body).toMatchObject({ seq_no: 1, state: { projects: [{ id: 'hello' }] } });
  });

  it('is told as it was at every seq_no', async () => {
    const house = await openHello();
    const then = [house.state()];
    for (let i = 0; i < 4; i++) {
      await house.record('hello', story(`s${i}`));
      then.push(house.state());
    }
    for (const at of [5, 2, 4, 1, 3]) {
      expect((await ask(house, 'GET', `/api/v1/state?at=${at}`)).body).toMatchObject({ seq_no: at, state: plain(then[at - 1]) });
    }
    expect((await ask(house, 'GET', '/api/v1/state?at=0')).body).toMatchObject({ seq_no: 0, state: { projects: [] } });
    expect(await ask(house, 'GET', '/api/v1/state?at=6')).toMatchObject({ status: 404 });
    expect(await ask(house, 'GET', '/api/v1/state?at=x')).toMatchObject({ status: 422, body: { fields: [{ field: 'at' }] } });
  });

  it('does not invent a past that was trimmed', async () => {
    const read = (): never => expect.unreachable('a trimmed log was folded');
    const house = await openHouse({ log: { read, bounds: () => ({ floor: 3, head: 9, epoch: 'e' }) } });
    expect(await ask(house, 'GET', '/api/v1/state?at=5')).toMatchObject({ status: 410, body: { code: 'gone' } });
  });

  it('folds at most two pasts at a time', async () => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const house = await openHello();
    const slow = await openHouse({
      log: { bounds: () => house.log.bounds(), read: (...args) => held.then(() => house.log.read(...args)) },
    });
    const asked = [1, 1, 1].map((at) => ask(slow, 'GET', `/api/v1/state?at=${at}`));
    expect(await asked[2]).toMatchObject({ status: 429, headers: { 'retry-after': '1' }, body: { code: 'too_many' } });
    release();
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([200, 200, 429]);
  });

  it('tells a past that is kept while two others are folded', async () => {
    const house = await openHello();
    for (let i = 0; i < 3; i++) await house.record('hello', story(`s${i}`));
    let held: Promise<void> | null = null;
    let release = (): void => {};
    const slow = await openHouse({
      log: { bounds: () => house.log.bounds(), read: async (...args) => (await held, house.log.read(...args)) },
    });
    const before = await ask(slow, 'GET', '/api/v1/state?at=2');
    held = new Promise((resolve) => (release = resolve));
    const folded = [3, 4].map((at) => ask(slow, 'GET', `/api/v1/state?at=${at}`));
    expect((await ask(slow, 'GET', '/api/v1/state?at=1')).status).toBe(429);
    expect(await ask(slow, 'GET', '/api/v1/state?at=2')).toMatchObject({ status: 200, body: before.body });
    expect((await ask(slow, 'GET', '/api/v1/state?at=0')).status).toBe(200);
    release();
    expect((await Promise.all(folded)).map(({ status }) => status)).toEqual([200, 200]);
  });
});

describe('events', () => {
  it('come in pages with the bounds of the log', async () => {
    const house = await openHello();
    for (let i = 0; i < 3; i++) await house.record('hello', story(`s${i}`));
    const { body } = await ask(house, 'GET', '/api/v1/events?after=1&limit=2');
    expect(body).toMatchObject({ epoch: '1-test', floor: 0, head: 4, after: 1, upto: 3 });
    expect(items(body).map(({ seq_no }) => seq_no)).toEqual([2, 3]);
  });

  it('are filtered by project and kinds', async () => {
    const house = await openHello();
    await house.record('other', story('s'));
    await house.record('hello', story('s'));
    await house.record('hello', { kind: 'merge_failure', story_id: 's', reason: 'r' });
    const seqs = async (query: string) => items((await ask(house, 'GET', `/api/v1/events?${query}`)).body).map(({ seq_no }) => seq_no);
    expect(await seqs('project=hello&kind=story_blocked')).toEqual([3]);
    expect(await seqs('kind=story_blocked,merge_failure')).toEqual([2, 3, 4]);
    expect(await seqs('kind=entity&kind=merge_failure')).toEqual([1, 4]);
  });

  it.each(['limit=0', 'limit=1001', 'after=-1', 'kind=A;DROP', 'project=../x', 'proejct=hello'])('%s is 422', async (query) => {
    expect(await ask(await openHello(), 'GET', `/api/v1/events?${query}`)).toMatchObject({ status: 422 });
  });

  it.each([
    ['beyond the head', 'after=9', 'The event log ends at 3 and does not reach 9'],
    ['of another epoch', 'after=1&epoch=2-other', 'The event log has another history now, 1-test'],
    ['at another event', 'after=2&epoch=1-test&id=id-9', 'its event 2 is another one'],
  ])('%s are refused, with where the log is', async (_, query, why) => {
    const house = await openHello();
    await house.record('hello', story('a'));
    await house.record('hello', story('b'));
    const { status, body } = await ask(house, 'GET', `/api/v1/events?${query}`);
    expect({ status, ...body }).toMatchObject({ status: 409, code: 'other_history', epoch: '1-test', floor: 0, head: 3 });
    expect(body['detail']).toContain(why);
  });

  it('after the head, with its epoch and id, are none', async () => {
    const house = await openHello();
    await house.record('hello', story('a'));
    const { body } = await ask(house, 'GET', '/api/v1/events?after=2&epoch=1-test&id=id-2');
    expect(body).toMatchObject({ after: 2, upto: 2, head: 2, items: [] });
  });

  it('below the floor are gone; a broken log tells nothing of itself', async () => {
    const log = (error: Error) => ({ read: () => Promise.reject(error), bounds: () => ({ floor: 5, head: 9, epoch: 'e' }) });
    expect(await ask(await openHouse({ log: log(new LogError('below_floor', 'x')) }), 'GET', '/api/v1/events')).toMatchObject({
      status: 410,
      body: { code: 'gone', floor: 5, head: 9, epoch: 'e' },
    });
    const broken = await ask(await openHouse({ log: log(new LogError('broken', 'disk /dev/sda')) }), 'GET', '/api/v1/events?after=6');
    expect(broken).toMatchObject({ status: 500, body: { code: 'internal' } });
    expect(broken.text).not.toContain('sda');
  });
});

describe('the poll of the older API', () => {
  const rows = async (house: House, since = 0) =>
    (await ask(house, 'GET', `/api/events?since=${since}`)).body as unknown as { type: string; timestamp_ms: number; story_id: string }[];

  it('projects pipeline events onto the work board', async () => {
    const house = await openHello();
    const at = Date.parse('2026-01-01T00:00:00.000Z');
    const gate = GateId.parse('unit_tests');
    const tier = TierId.parse('staging');
    await house.record('hello', { kind: 'stage_transition', story_id: 's1', from_stage: '1_backlog', to_stage: '2_current' }, 1000);
    await house.record('hello', { kind: 'build_ok', sha: 'a'.repeat(40), version, elapsed_s: 1 } as Event, 2000);
    await house.record('hello', { kind: 'promote_complete', tier, version }, 3000);
    const done = { kind: 'gate_done' as const, run_id: RunId.parse(1), tier, version, gate };
    await house.record('hello', { ...done, outcome: { status: 'passed' } }, 4000);
    await house.record(
      'hello',
      { ...done, outcome: { status: 'blocked', blockers: [{ type: 'awaiting_confirm', have: 0, need: 1 }] } },
      5000,
    );
    await house.record('hello', { ...done, outcome: { status: 'failed', classification: { type: 'exit_code', code: 1 } } }, 6000);
    expect(await rows(house)).toEqual([
      { type: 'stage_transition', story_id: 's1', from_stage: '1_backlog', to_stage: '2_current', timestamp_ms: at + 1000 },
      { type: 'stage_transition', story_id: '1.0.0', from_stage: 'build', to_stage: 'host', timestamp_ms: at + 2000 },
      { type: 'stage_transition', story_id: '1.0.0', from_stage: 'host', to_stage: 'staging', timestamp_ms: at + 3000 },
      { type: 'story_blocked', story_id: '1.0.0', reason: 'staging unit_tests: blocked (awaiting_confirm)', timestamp_ms: at + 5000 },
      { type: 'story_blocked', story_id: '1.0.0', reason: 'staging unit_tests: failed (exit_code)', timestamp_ms: at + 6000 },
    ]);
  });

  it('loses nothing of one millisecond to whoever asks strictly after the last', async () => {
    const house = await openHello();
    const seen: string[] = [];
    let since = 0;
    for (let i = 0; i < 5; i++) {
      await house.record('hello', story(`a${i}`), 100);
      if (i % 2 === 0) await house.record('hello', story(`b${i}`), 100);
      for (const row of await rows(house, since)) {
        expect(row.timestamp_ms).toBeGreaterThan(since);
        since = row.timestamp_ms;
        seen.push(row.story_id);
      }
    }
    expect(seen).toEqual(['a0', 'b0', 'a1', 'a2', 'b2', 'a3', 'a4', 'b4']);
    // A row keeps its time: a second server over the same log says the same.
    expect(await rows(await openHouse({ log: house.log }))).toEqual(await rows(house));
  });

  it('lets others have their turn while it reads a long history', async () => {
    const house = await openHello();
    for (let i = 0; i < 3; i++) await house.record('hello', story(`s${i}`), i);
    const read: EventLog['read'] = (after, _limit, filter) => house.log.read(after, 1, filter);
    const projection = new PollProjection({ bounds: () => house.log.bounds(), read }, house.state);
    const rows = projection.rows();
    const others = new Promise<string>((resolve) => void setImmediate(() => resolve('others')));
    expect(await Promise.race([rows.then(() => 'rows'), others])).toBe('others');
    expect(await rows).toHaveLength(3);
  });

  it('keeps the last 500', async () => {
    const house = await openHello();
    for (let i = 0; i < 510; i++) await house.record('hello', story(`s${i}`));
    const last = await rows(house);
    expect(last).toHaveLength(500);
    expect(last[0]?.story_id).toBe('s10');
  });

  it('reads once for callers that come together', async () => {
    const house = await openHello();
    for (let i = 0; i < 10; i++) await house.record('hello', story(`s${i}`));
    for (const seen of await Promise.all([rows(house), rows(house), rows(house)]))
      expect(seen.map(({ story_id }) => story_id)).toEqual(Array.from({ length: 10 }, (_, i) => `s${i}`));
  });

  it('says what is wrong with since', async () => {
    expect(await ask(await openHello(), 'GET', '/api/events?since=yesterday')).toMatchObject({ status: 422 });
  });
});

const run = (run_id: number, more: Partial<IndexedRun> = {}): IndexedRun => ({
  run_id: RunId.parse(run_id),
  project: ProjectId.parse('hello'),
  type: 'gate',
  version,
  sha: null,
  tier: TierId.parse('host'),
  gate: GateId.parse('unit_tests'),
  gate_kind: 'command',
  node: null,
  attempt: 1,
  status: 'passed',
  started_at: '2026-01-01T00:00:00.000Z',
  ended_at: null,
  why: null,
  excerpt: [],
  cancelled: null,
  log: null,
  tests: null,
  ...more,
});

describe('runs', () => {
  it('come in pages, newest first', async () => {
    const house = await openHello();
    house.runs.push(run(3), run(2), run(1));
    expect((await ask(house, 'GET', '/api/v1/runs?limit=2')).body).toMatchObject({ items: [{ run_id: 3 }, { run_id: 2 }], next_before: 2 });
    expect((await ask(house, 'GET', '/api/v1/runs?limit=2&before=2&project=hello&type=gate&status=passed')).body).toMatchObject({
      items: [{ run_id: 1 }],
      next_before: null,
    });
    expect(await ask(house, 'GET', '/api/v1/runs?type=party')).toMatchObject({ status: 422 });
  });

  it('come alone, or not at all', async () => {
    const house = await openHello();
    house.runs.push(run(3));
    expect(await ask(house, 'GET', '/api/v1/runs/3')).toMatchObject({ status: 200, body: { run_id: 3, project: 'hello' } });
    expect(await ask(house, 'GET', '/api/v1/runs/4')).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });
});

describe('compare', () => {
  it('asks for the commits between two releases', async () => {
    const asked: string[][] = [];
    const house = await openHello({
      compare: async (...args) => {
        asked.push(args);
        return { total: 1, commits: [{ sha: 'b', subject: 's', author: 'a', at: 't' }] };
      },
    });
    expect(await ask(house, 'GET', '/api/v1/projects/hello/compare/1.0.0%2Bgaaaaaaa/1.1.0+gbbbbbbb')).toMatchObject({
      status: 200,
      body: { total: 1 },
    });
    expect(asked).toEqual([['hello', '1.0.0+gaaaaaaa', '1.1.0+gbbbbbbb']]);
  });

  it('is 404 for what is no project or release', async () => {
    const house = await openHello({ compare: () => Promise.reject(new Failure('not_found', 'There is no release 9.9.9.')) });
    expect((await ask(house, 'GET', '/api/v1/projects/nope/compare/1.0.0/1.1.0')).status).toBe(404);
    expect((await ask(house, 'GET', '/api/v1/projects/hello/compare/--output=x/1.1.0')).status).toBe(404);
    expect(await ask(house, 'GET', '/api/v1/projects/hello/compare/1.0.0/9.9.9')).toMatchObject({
      status: 404,
      body: { detail: 'There is no release 9.9.9.' },
    });
  });
});

describe('a log', () => {
  const URL = '/api/v1/runs/7/log';
  async function withLog(content: string | Buffer, closed = true): Promise<House> {
    const house = await openHello();
    addLog(house, 7, content, closed);
    return house;
  }

  it('comes whole as text that no browser takes for a page', async () => {
    const reply = await ask(await withLog('<script>alert(1)</script>\n'), 'GET', URL);
    expect(reply).toMatchObject({
      status: 200,
      text: '<script>alert(1)</script>\n',
      headers: {
        'content-type': 'text/plain; charset=utf-8',
        'x-content-type-options': 'nosniff',
        'content-length': '26',
        'accept-ranges': 'bytes',
        'content-disposition': 'inline',
      },
    });
  });

  it.each([
    ['bytes=2-4', 206, 'cde', 'bytes 2-4/10'],
    ['bytes=8-99', 206, 'ij', 'bytes 8-9/10'],
    ['bytes=7-', 206, 'hij', 'bytes 7-9/10'],
    ['bytes=-3', 206, 'hij', 'bytes 7-9/10'],
    ['bytes=-99', 206, 'abcdefghij', 'bytes 0-9/10'],
    ['bytes=4-2', 200, 'abcdefghij', undefined],
    ['bytes=0-1,4-5', 200, 'abcdefghij', undefined],
    ['lines=1-2', 200, 'abcdefghij', undefined],
    ['bytes=-', 200, 'abcdefghij', undefined],
  ])('Range %s', async (range, status, body, contentRange) => {
    const reply = await ask(await withLog('abcdefghij'), 'GET', URL, { headers: { range } });
    expect([reply.status, reply.text, reply.headers['content-range'], reply.headers['content-length']]).toEqual([
      status,
      body,
      contentRange,
      String(body.length),
    ]);
  });

  it.each(['bytes=10-', 'bytes=10-12', 'bytes=-0'])('Range %s cannot be satisfied', async (range) => {
    const reply = await ask(await withLog('abcdefghij', false), 'GET', URL, { headers: { range } });
    expect(reply).toMatchObject({
      status: 416,
      body: { code: 'range_not_satisfiable', detail: 'The log has 10 bytes so far.' },
      headers: { 'content-range': 'bytes */10' },
    });
  });

  it('is a file when asked for as one, and may be empty', async () => {
    const house = await withLog('abc');
    expect((await ask(house, 'GET', `${URL}?download`)).headers['content-disposition']).toBe('attachment; filename="hello-gate-7.log"');
    expect(await ask(await withLog(''), 'GET', URL)).toMatchObject({ status: 200, text: '' });
  });

  it('a part of it is a file of its own, named by its bytes', async () => {
    const reply = await ask(await withLog('abcdef'), 'GET', `${URL}?download&from=1&to=99`);
    expect(reply).toMatchObject({ text: 'bcdef', headers: { 'content-disposition': 'attachment; filename="hello-gate-7-bytes-1-6.log"' } });
  });

  it('that is not there is 404', async () => {
    const house = await openHello();
    for (const url of [URL, `${URL}/stat`, `${URL}/lines`, `${URL}/place?line=1`, `${URL}/search?q=x`, `${URL}/search/hits?q=x`])
      expect(await ask(house, 'GET', url)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  it.each([
    ['from=2&to=5', 'cde'],
    ['from=8', 'ij'],
    ['to=2', 'ab'],
    ['from=10', ''],
    ['from=8&to=99', 'ij'],
  ])('is given in part by ?%s, whatever range is asked of it', async (query, body) => {
    const reply = await ask(await withLog('abcdefghij'), 'GET', `${URL}?${query}`, { headers: { range: 'bytes=0-0' } });
    expect([reply.status, reply.text, reply.headers['content-length']]).toEqual([200, body, String(body.length)]);
    expect(reply.headers).toMatchObject({ 'accept-ranges': 'none' });
    expect(reply.headers['content-range']).toBeUndefined();
  });

  it('has no part beyond its end', async () =>
    expect(await ask(await withLog('abc'), 'GET', `${URL}?from=4`)).toMatchObject({
      status: 416,
      body: { code: 'range_not_satisfiable' },
    }));

  it('says how it is', async () => {
    const { body } = await ask(await withLog('one\ntwo', false), 'GET', `${URL}/stat`);
    expect(body).toEqual({
      run_id: 7,
      ...{ bytes: 7, lines: 2, closed: false, first_at: 1_767_225_600_000, last_at: 1_767_225_600_005, longest_pause_ms: 4 },
      ...{ kept_until: null, kept_why: '' },
    });
    LogStatAnswer.parse(body);
  });

  it('comes by lines', async () => {
    const house = await withLog('one\ntwo', false);
    const { body } = await ask(house, 'GET', `${URL}/lines?from=2&count=3`);
    expect(body).toEqual({
      run_id: 7,
      ...{ bytes: 7, lines: 2, closed: false, style: [-1, -1, 0], times: [[1, 1_767_225_600_000]] },
      items: [{ n: 1, offset: 0, bytes: 3, text: 'one' }],
    });
    LinesAnswer.parse(body);
    await ask(house, 'GET', `${URL}/lines`);
    expect(house.linesAsked).toEqual([
      [2, 3],
      [1, 256],
    ]);
    for (const query of ['count=1001', 'count=0', 'from=0', 'from=x', 'last=0', 'last=2&from=1', 'last=2&count=2'])
      expect((await ask(house, 'GET', `${URL}/lines?${query}`)).status).toBe(422);
  });

  it('comes by its last lines', async () => {
    const house = await withLog('one\ntwo', false);
    for (const last of [1, 2, 3]) await ask(house, 'GET', `${URL}/lines?last=${last}`);
    expect(house.linesAsked).toEqual([
      [2, 1],
      [1, 2],
      [1, 3],
    ]);
  });

  it('is asked for one place by line, byte or time', async () => {
    const house = await withLog('one\ntwo');
    const { body } = await ask(house, 'GET', `${URL}/place?line=2`);
    expect(body).toEqual({ run_id: 7, bytes: 7, lines: 2, closed: true, n: 2, offset: 4, at: null });
    PlaceAnswer.parse(body);
    for (const query of ['offset=0', 'at=1767225600000']) await ask(house, 'GET', `${URL}/place?${query}`);
    expect(house.placesAsked).toEqual([{ line: 2 }, { offset: 0 }, { at_ms: 1_767_225_600_000 }]);
    for (const query of ['', 'line=1&at=5', 'line=0']) expect((await ask(house, 'GET', `${URL}/place?${query}`)).status).toBe(422);
  });

  it('is found by version and gate on the older path', async () => {
    const house = await openHello();
    house.runs.push(run(9, { version: Version.parse('2.0.0') }), run(8, { tier: TierId.parse('staging') }), run(7));
    addLog(house, 7, 'seven');
    addLog(house, 8, 'eight');
    expect((await ask(house, 'GET', '/logs/1.0.0/unit_tests')).text).toBe('eight');
    expect((await ask(house, 'GET', '/logs/1.0.0/unit_tests?tier=host')).text).toBe('seven');
    expect((await ask(house, 'GET', '/logs/3.0.0/unit_tests')).status).toBe(404);
    expect((await ask(house, 'GET', '/logs/..%2f/unit_tests')).status).toBe(404);
  });
});
