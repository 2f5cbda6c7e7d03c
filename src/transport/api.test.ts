import { describe, expect, test } from 'vitest';
import { Api } from './api.ts';

const file = new TextEncoder().encode('0123456789');

function api(answer: (path: string, init: RequestInit) => Response, name = ''): Api {
  return new Api(
    () => name,
    async (path, init) => answer(path, init),
  );
}

test('a name that no header can hold is sent encoded, and none when there is none', async () => {
  let headers: unknown;
  const keep = (_: string, init: RequestInit): Response => {
    headers = init.headers;
    return Response.json({ total: 0, commits: [] });
  };
  await api(keep, 'Ana Pérez').compare('hello', '1.0.0', '1.1.0+g1');
  expect(headers).toEqual({ 'x-signalbox-actor': 'local:Ana%20P%C3%A9rez' });
  await api(keep).compare('hello', '1.0.0', '1.1.0');
  expect(headers).toEqual({});
});

test('versions in a path are encoded', async () => {
  let asked = '';
  await api((path) => ((asked = path), Response.json({ total: 0, commits: [] }))).compare('hello', '1.0.0', '1.1.0+g1');
  expect(asked).toBe('/api/v1/projects/hello/compare/1.0.0/1.1.0%2Bg1');
});

describe('errors are sentences with a code', () => {
  test('of the server', async () => {
    const answer = api(() => Response.json({ code: 'not_found', detail: 'There is no run 9.' }, { status: 404 }));
    await expect(answer.getRun(9)).rejects.toMatchObject({ status: 404, code: 'not_found', message: 'There is no run 9.' });
  });
  test('another shape', async () => {
    await expect(api(() => Response.json({ run: 9 })).getRun(9)).rejects.toMatchObject({ code: 'bad_answer' });
  });
  test('silence', async () => {
    const silent = new Api(
      () => '',
      () => Promise.reject(new TypeError('Failed to fetch')),
    );
    await expect(silent.getRun(9)).rejects.toMatchObject({ status: 0, code: 'no_answer' });
  });
});

describe('bytes of a log', () => {
  test('a range', async () => {
    let range: string | null = null;
    const bytes = await api(
      (_, init) => ((range = new Headers(init.headers).get('range')), new Response(file.slice(2, 5), { status: 206 })),
    ).logBytes(42, { from: 2, to: 5 });
    expect(range).toBe('bytes=2-4');
    expect(new TextDecoder().decode(bytes)).toBe('234');
  });
  test('cut from the whole when the server sends that', async () => {
    expect(new TextDecoder().decode(await api(() => new Response(file)).logBytes(42, { from: 2, to: 5 }))).toBe('234');
  });
  test('an error is not a log', async () => {
    await expect(
      api(() => Response.json({ code: 'not_found', detail: 'Run 42 has no log.' }, { status: 404 })).logBytes(42, { from: 0, to: 1 }),
    ).rejects.toThrow('Run 42 has no log.');
  });
  test('the size, or none', async () => {
    expect(await api(() => new Response('0', { status: 206, headers: { 'content-range': 'bytes 0-0/10' } })).logSize(42)).toBe(10);
    expect(await api(() => new Response('{}', { status: 416, headers: { 'content-range': 'bytes */0' } })).logSize(42)).toBe(0);
    await expect(api(() => new Response('0123456789')).logSize(42)).rejects.toMatchObject({ code: 'bad_answer' });
    expect(await api(() => new Response(null, { status: 404 })).logSize(42)).toBeNull();
    const deleted = { code: 'log_deleted', detail: 'Deleted after 90 days.' };
    await expect(api(() => Response.json(deleted, { status: 410 })).logSize(42)).rejects.toMatchObject({
      status: 410,
      code: 'log_deleted',
      message: 'Deleted after 90 days.',
    });
  });
});
