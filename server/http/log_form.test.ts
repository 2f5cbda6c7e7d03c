import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { plainLine } from '../../src/shared/output/standing.ts';
import { addLog, ask, HOST, openHello, type House } from './house_for_tests.ts';

const URL = '/api/v1/runs/7/log';
const OUTPUT = `\u001b[31mred\u001b[0m\r\n10%\r55%\r100%\nthr\u0007ée\u001b]0;title\u0007\n${'long '.repeat(1000)}\rend`;

async function withLog(content: string | Buffer): Promise<House> {
  const house = await openHello();
  addLog(house, 7, content);
  return house;
}

it('comes plain: the text of its lines, as a file when asked for', async () => {
  const house = await withLog(OUTPUT);
  const reply = await ask(house, 'GET', `${URL}?form=plain`, { headers: { range: 'bytes=0-3' } });
  expect(reply).toMatchObject({ status: 200, text: 'red\n100%\nthrée\nend' });
  expect(reply.text).toBe(OUTPUT.split('\n').map(plainLine).join('\n'));
  expect(reply.headers).toMatchObject({
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
    'accept-ranges': 'none',
    'content-disposition': 'inline',
  });
  expect((await ask(house, 'GET', `${URL}?form=plain&download`)).headers['content-disposition']).toBe(
    'attachment; filename="hello-gate-7.txt"',
  );
  expect(await ask(await withLog(''), 'GET', `${URL}?form=plain`)).toMatchObject({ status: 200, text: '' });
});

it('comes packed: the bytes as they were written', async () => {
  const content = Buffer.from([0xff, 0x00, 0x1b, 0x0d, 0x0a, ...Buffer.alloc(300_000, 'abc')]);
  const house = await withLog(content);
  const response = await house.app.inject({ method: 'GET', url: `${URL}?form=gzip`, headers: { host: HOST } });
  expect(response.headers).toMatchObject({
    'content-type': 'application/gzip',
    'content-disposition': 'attachment; filename="hello-gate-7.log.gz"',
  });
  expect(response.headers['content-encoding']).toBeUndefined();
  expect(gunzipSync(response.rawPayload).equals(content)).toBe(true);
});

it('that cannot be read to its end is broken off, not ended as if it were whole', async () => {
  for (const form of ['plain', 'gzip']) {
    const house = await openHello({
      logs: {
        stat: async () => house.runLogs.get(7)?.stat ?? null,
        lines: async () => null,
        place: async () => null,
        marks: async () => null,
        search: () => Readable.from([]),
        hits: async () => null,
        hitLines: async () => null,
        bytes: () =>
          Readable.from(
            (async function* () {
              yield Buffer.from('the beginning\n');
              throw new Error('the disk is gone');
            })(),
          ),
      },
    });
    addLog(house, 7, 'x'.repeat(100));
    const asked = house.app.inject({ method: 'GET', url: `${URL}?form=${form}`, headers: { host: HOST } });
    // An error before the first byte went out is still an answer.
    expect([500, 'broken off']).toContain(
      await asked.then(
        ({ statusCode }) => statusCode,
        () => 'broken off',
      ),
    );
  }
});

it('takes no other form', async () => expect((await ask(await withLog('x'), 'GET', `${URL}?form=pdf`)).status).toBe(422));

it('is a part only as it was written, and never one that ends before it begins', async () => {
  const house = await withLog('0123456789');
  for (const query of ['from=8&to=3', 'form=gzip&from=8', 'form=plain&to=3', 'form=gzip&from=0&to=3'])
    expect(await ask(house, 'GET', `${URL}?${query}`), query).toMatchObject({ status: 422, body: { code: 'unprocessable' } });
  for (const [query, part] of [
    ['download&from=3&to=8', '34567'],
    ['form=raw&to=3', '012'],
    ['from=3&to=3', ''],
  ])
    expect(await ask(house, 'GET', `${URL}?${query}`), query).toMatchObject({ status: 200, text: part });
});

it('that was deleted is 410 with the reason, in every form', async () => {
  const house = await withLog('');
  const why = 'Log deleted after 30 days; outcome and hash kept.';
  const log = house.runLogs.get(7);
  if (log) log.stat = { ...log.stat, deleted: { at_ms: 1_767_225_600_000, why, bytes: 5, sha256: 'ab' } };
  for (const url of [URL, `${URL}?form=plain`, `${URL}?form=gzip`, `${URL}/lines`])
    expect(await ask(house, 'GET', url)).toMatchObject({
      status: 410,
      body: { code: 'log_deleted', detail: why, deleted_at: 1_767_225_600_000, bytes: 5, sha256: 'ab' },
    });
});
