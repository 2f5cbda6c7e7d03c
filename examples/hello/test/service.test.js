import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createService } from '../src/service.js';

let folder;
const open = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hello-'));
  await mkdir(join(folder, 'site', 'hello'), { recursive: true });
  await writeFile(join(folder, 'site', 'index.html'), '<h1>Hi</h1> __VERSION__ on __NODE__');
  await writeFile(join(folder, 'site', 'hello', 'de.html'), '<h1>Hallo</h1>');
  await writeFile(join(folder, 'secret.html'), 'secret');
});
after(async () => {
  for (const server of open) server.close();
  await rm(folder, { recursive: true });
});

/** Starts the service on a free port. */
async function start(options = {}) {
  const server = createService({ site: join(folder, 'site'), version: '1.2.3', node: null, folder, ...options });
  open.push(server);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (path, init) => fetch(`http://127.0.0.1:${server.address().port}${path}`, { headers: { connection: 'close' }, ...init });
}

test('the start page shows the version that runs', async () => {
  const get = await start({ node: 'prod-2' });
  const response = await get('/');
  assert.equal(response.headers.get('content-type'), 'text/html; charset=utf-8');
  assert.equal(await response.text(), '<h1>Hi</h1> 1.2.3 on prod-2');
});

test('a language has its page', async () => {
  const get = await start();
  assert.equal(await (await get('/hello/de')).text(), '<h1>Hallo</h1>');
});

test('health tells status and version', async () => {
  const get = await start();
  const response = await get('/healthz');
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), { status: 'ok', version: '1.2.3', node: null });
});

test('a node without the settings it needs is not healthy', async () => {
  const get = await start({ node: 'prod-2', settingsFile: 'needed.json' });
  const response = await get('/healthz');
  assert.equal(response.status, 503);
  assert.equal((await response.json()).status, 'starting');
  await writeFile(join(folder, 'needed.json'), '{}');
  assert.equal((await get('/healthz')).status, 200);
});

test('no path leads out of the site', async () => {
  const get = await start();
  for (const path of ['/hello/..%2f..%2fsecret', '/../secret.html', '/secret.html', '/hello/zz', '/index.html']) {
    assert.equal((await get(path)).status, 404, path);
  }
});

test('it can only be asked, not told', async () => {
  const get = await start();
  assert.equal((await get('/', { method: 'POST', body: 'x' })).status, 405);
  const head = await get('/', { method: 'HEAD' });
  assert.equal(head.status, 200);
  assert.equal(await head.text(), '');
});
