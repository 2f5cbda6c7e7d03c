import { once } from 'node:events';
import { get, type ClientRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { HitLinesAnswer, HitsAnswer, SearchFrame } from '../../src/shared/protocol/run_log.ts';
import { Failure } from '../failure.ts';
import type { LogStat } from '../logstore/port.ts';
import { ask, openHello, type House } from './house_for_tests.ts';

const URL = '/api/v1/runs/7/log/search';
const DONE: SearchFrame = { type: 'done', count: 1, bytes: 3, closed: true, buckets: [1] };

async function withSearch(search: House['searching']['as']): Promise<House> {
  const house = await openHello();
  const stat: LogStat = {
    meta: { run_id: 7, project: 'hello', type: 'gate' },
    ...{ bytes: 3, lines: 1, closed: true, chunks: 1, first_at: null, last_at: null, longest_pause_ms: 0, kept_until: null, kept_why: '' },
  };
  const extent = { bytes: 3, lines: 1, closed: true };
  house.runLogs.set(7, {
    stat,
    content: Buffer.from('abc'),
    lines: { ...extent, style: [-1, -1, 0], items: [], times: [] },
    place: { ...extent, n: 1, offset: 0, at: null },
  });
  house.searching.as = search;
  return house;
}

function framesOf(text: string): SearchFrame[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => SearchFrame.parse(JSON.parse(line)));
}

describe('searching a log', () => {
  it('streams what is found, a frame a line', async () => {
    const asked: unknown[] = [];
    const house = await withSearch(async function* (run_id, query) {
      asked.push([run_id, query]);
      yield { type: 'hits', items: [{ k: 0, n: 1, offset: 0 }] };
      yield DONE;
    });
    const reply = await ask(house, 'GET', `${URL}?q=a%2Bb&mode=regex&case=match`);
    expect(reply.headers['content-type']).toBe('application/x-ndjson; charset=utf-8');
    expect(framesOf(reply.text).map(({ type }) => type)).toEqual(['hits', 'done']);
    expect(asked).toEqual([[7, { q: 'a+b', mode: 'regex', case: 'match' }]]);
    await ask(house, 'GET', `${URL}?q=x`);
    expect(asked[1]).toEqual([7, { q: 'x', mode: 'text', case: 'ignore' }]);
  });

  it('fails as any request before something was found, and with a frame after', async () => {
    const busy = new Failure('too_many', 'Several logs are being read through. Try again in a moment.');
    const before = await withSearch(async function* () {
      throw busy;
    });
    expect(await ask(before, 'GET', `${URL}?q=x`)).toMatchObject({ status: 429, body: { code: 'too_many' } });
    const after = await withSearch(async function* () {
      yield { type: 'progress', count: 0, scanned: 1, bytes: 3 };
      throw busy;
    });
    expect(framesOf((await ask(after, 'GET', `${URL}?q=x`)).text).at(-1)).toEqual({
      type: 'error',
      code: 'too_many',
      message: busy.message,
    });
  });

  it('is told of a caller who hung up before it began', async () => {
    const begun = Promise.withResolvers<boolean>();
    const house = await withSearch(async function* (_run_id, _query, signal) {
      begun.resolve(signal.aborted);
      yield DONE;
    });
    const asked = Promise.withResolvers<void>();
    const gone = Promise.withResolvers<void>();
    const { stat } = house.deps.logs;
    house.deps.logs.stat = async (run_id) => {
      asked.resolve();
      await gone.promise;
      return stat(run_id);
    };
    house.app.server.once('request', (_, response: ServerResponse) => response.once('close', gone.resolve));
    await house.app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = house.app.server.address() as AddressInfo;
    const request = get({ port, host: '127.0.0.1', path: `${URL}?q=x`, headers: { host: `127.0.0.1:${house.deps.port()}` } });
    request.on('error', () => undefined);
    await asked.promise;
    request.destroy();
    expect(await begun.promise).toBe(true);
  });

  it('ends when the caller hangs up, and when the server closes', async () => {
    const ended = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let searches = 0;
    const house = await withSearch(async function* (_run_id, _query, signal) {
      const mine = ended[searches++];
      yield { type: 'progress', count: 0, scanned: 0, bytes: 3 };
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      mine?.resolve();
    });
    const address = await house.app.listen({ port: 0, host: '127.0.0.1' });
    onTestFinished(() => house.app.close());
    const headers = { host: `127.0.0.1:${house.deps.port()}` };
    const open = async (): Promise<ClientRequest> => {
      const request = get(`${address}${URL}?q=x`, { headers });
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      await once(response, 'data');
      response.on('error', () => undefined);
      return request;
    };
    (await open()).destroy();
    await ended[0]?.promise;
    await open();
    await house.app.close();
    await ended[1]?.promise;
  });

  it('a caller who hangs up before anything was found is no failure', async () => {
    const [asked, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const house = await withSearch(async function* (_run_id, _query, signal) {
      asked.resolve();
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      ended.resolve();
      signal.throwIfAborted();
      yield DONE;
    });
    const address = await house.app.listen({ port: 0, host: '127.0.0.1' });
    const request = get(`${address}${URL}?q=x`, { headers: { host: `127.0.0.1:${house.deps.port()}` } });
    request.on('error', () => undefined);
    await asked.promise;
    request.destroy();
    await ended.promise;
    // Whatever was to be said of it has been said when another was answered.
    await ask(house, 'GET', '/healthz');
    expect(house.logged).toEqual([]);
  });

  it.each(['', 'q=', 'q=x&mode=fuzzy', `q=${'x'.repeat(1001)}`, 'q=x&limit=3'])('refuses ?%s', async (query) => {
    const house = await withSearch(async function* () {});
    expect(await ask(house, 'GET', `${URL}?${query}`)).toMatchObject({ status: 422, body: { code: 'unprocessable' } });
  });
});

describe('rows of a filtered log', () => {
  const LINE = { n: 1, offset: 0, bytes: 3, text: 'abc' };

  it('are asked for by row, match or line', async () => {
    const house = await withSearch(async function* () {});
    house.hits.set(7, {
      bytes: 3,
      lines: 1,
      closed: true,
      count: 1,
      scanned: 3,
      rows: 1,
      items: [{ row: 0, k: 0, style: [-1, -1, 0], line: LINE }],
    });
    const { body } = await ask(house, 'GET', `${URL}/hits?q=a`);
    expect(HitsAnswer.parse(body)).toMatchObject({ run_id: 7, count: 1, items: [{ row: 0, k: 0, line: { text: 'abc' } }] });
    for (const query of ['from=2&count=5', 'near=9&context=20', 'row=4&mode=word&case=match'])
      await ask(house, 'GET', `${URL}/hits?q=a&${query}`);
    expect(house.hitsAsked.map(([query, asked]) => [query.mode, query.case, asked])).toEqual([
      ['text', 'ignore', { begin: { from: 0 }, count: 256, context: 0 }],
      ['text', 'ignore', { begin: { from: 2 }, count: 5, context: 0 }],
      ['text', 'ignore', { begin: { near: 9 }, count: 256, context: 20 }],
      ['word', 'match', { begin: { row: 4 }, count: 256, context: 0 }],
    ]);
  });

  it('are asked for without their text, many at once', async () => {
    const house = await withSearch(async function* () {});
    const found = { bytes: 3, lines: 1, closed: true, count: 1, scanned: 3, rows: 1 };
    house.hits.set(7, { ...found, items: [{ row: 0, k: 0, style: [-1, -1, 0], line: LINE }] });
    const { body } = await ask(house, 'GET', `${URL}/hit-lines?q=a&row=5&count=20000&context=2`);
    expect(HitLinesAnswer.parse(body)).toMatchObject({ run_id: 7, ...found, numbers: [1] });
    expect(house.hitsAsked.map(([, asked]) => asked)).toEqual([{ begin: { row: 5 }, count: 20_000, context: 2 }]);
    expect((await ask(house, 'GET', `/api/v1/runs/8/log/search/hit-lines?q=a`)).status).toBe(404);
  });

  it.each(['hits?q=a&from=1&near=2', 'hits?q=a&context=21', 'hits?q=a&count=1001', 'hits?from=1', 'hit-lines?q=a&count=20001'])(
    'refuse %s',
    async (asked) => {
      const house = await withSearch(async function* () {});
      expect((await ask(house, 'GET', `${URL}/${asked}`)).status).toBe(422);
    },
  );
});
