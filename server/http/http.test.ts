import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ask, HOST, openHello, openHouse } from './house_for_tests.ts';

interface Document {
  paths: Record<
    string,
    Record<
      string,
      {
        operationId: string;
        parameters: { name: string; in: string; required: boolean }[];
        requestBody?: { required: boolean };
        responses: object;
      }
    >
  >;
}

/** Every mutating route there is, from the document that the routes are registered from. */
async function mutatingRoutes(): Promise<string[]> {
  const { body } = await ask(await openHello(), 'GET', '/api/v1/openapi.json');
  const { paths } = body as unknown as Document;
  const fill: Record<string, string> = { project: 'hello', tier: 'host', gate: 'unit_tests', run_id: '7' };
  return Object.entries(paths)
    .filter(([, methods]) => 'post' in methods)
    .map(([path]) => path.replace(/\{(\w+)\}/g, (_, name: string) => fill[name] ?? 'x'));
}

describe('the guard', () => {
  it('refuses each mutating route to a page on another port, and to a forged host', async () => {
    const routes = await mutatingRoutes();
    expect(routes.length).toBeGreaterThanOrEqual(12);
    for (const url of routes) {
      const house = await openHello();
      const headers = { 'idempotency-key': 'k', 'x-signalbox-actor': 'local:ana', 'content-type': 'application/json' };
      const from = (extra: Record<string, string>) => ask(house, 'POST', url, { headers: { ...headers, ...extra }, payload: '{}' });
      expect(await from({ origin: 'http://127.0.0.1:5173' })).toMatchObject({ status: 403, body: { code: 'forbidden' } });
      expect(await from({ 'sec-fetch-site': 'cross-site' })).toMatchObject({ status: 403 });
      expect(await from({ 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' })).toMatchObject({
        status: 403,
      });
      expect(await from({ host: 'evil.example:7766' })).toMatchObject({ status: 421, body: { code: 'misdirected' } });
      expect(house.submitted).toEqual([]);
    }
  });

  it('stands before reads, unknown paths, files and preflights too, and sends no CORS header', async () => {
    const house = await openHello();
    for (const url of ['/api/v1/state', '/state', '/nowhere', '/', '/healthz', '/api/v1/events/stream', '/%zz']) {
      const reply = await ask(house, 'GET', url, { headers: { origin: 'http://evil.example' } });
      expect(reply).toMatchObject({ status: 403, headers: { 'content-type': 'application/problem+json; charset=utf-8' } });
      expect(Object.keys(reply.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
    const preflight = await house.app.inject({
      method: 'OPTIONS',
      url: '/api/v1/projects/hello/rebuild',
      headers: { host: HOST, origin: 'http://evil.example' },
    });
    expect(preflight.statusCode).toBe(403);
  });

  it('lets our own page and a clicked link in', async () => {
    const house = await openHello();
    expect(
      (await ask(house, 'GET', '/api/v1/state', { headers: { origin: `http://${HOST}`, 'sec-fetch-site': 'same-origin' } })).status,
    ).toBe(200);
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    expect((await ask(house, 'GET', '/version', { headers: link })).status).toBe(200);
  });
});

it('sends headers that fit the SPA on plain http', async () => {
  const { headers } = await ask(await openHouse(), 'GET', '/healthz');
  const csp = String(headers['content-security-policy']);
  expect(csp).toContain("default-src 'none'");
  expect(csp).toContain("script-src 'self';");
  expect(csp).toContain("connect-src 'self'");
  expect(csp).toContain("frame-ancestors 'none'");
  expect(csp).not.toContain('upgrade-insecure-requests');
  expect(headers['strict-transport-security']).toBeUndefined();
  expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
});

it('tells how it is', async () => {
  const house = await openHello({ metrics: [{ name: 'signalbox_viewers', help: 'Viewers.', type: 'gauge', read: () => 3 }] });
  expect(await ask(house, 'GET', '/healthz')).toMatchObject({ status: 200, body: { status: 'ok' } });
  expect(await ask(house, 'GET', '/readyz')).toMatchObject({ status: 200 });
  expect(await ask(house, 'GET', '/version')).toMatchObject({ body: { version: '0.1.0', boot_id: 'boot-1' } });
  const metrics = await ask(house, 'GET', '/metrics');
  expect(metrics.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(metrics.text).toContain('# TYPE signalbox_viewers gauge\nsignalbox_viewers 3\n');
  expect(metrics.text).toMatch(/\nsignalbox_log_head_seq_no 1\n/);
  for (const line of metrics.text.trim().split('\n')) expect(line).toMatch(/^(?:# (?:HELP|TYPE) .+|[a-z_0-9]+ \d[\d.e-]*)$/);
});

describe('another method', () => {
  it.each(['/healthz', '/readyz', '/version'])('HEAD %s is answered as GET, without the body', async (url) => {
    const house = await openHello();
    const whole = await ask(house, 'GET', url);
    expect(await ask(house, 'HEAD', url)).toMatchObject({
      status: 200,
      text: '',
      headers: { 'content-length': whole.headers['content-length'], 'cache-control': 'no-store' },
    });
    const starting = await openHouse({ ready: () => ({ ok: false, why: 'The disk is full.' }) });
    expect((await ask(starting, 'HEAD', '/readyz')).status).toBe(503);
  });

  it.each([
    ['POST', '/healthz', 'GET, HEAD'],
    ['HEAD', '/api/v1/state', 'GET'],
    ['GET', '/api/v1/projects/hello/promote/staging', 'POST'],
    ['PUT', '/api/v1/runs/7/log', 'GET'],
    ['OPTIONS', '/api/v1/projects/hello/rebuild', 'POST'],
    ['POST', '/events', 'GET'],
  ] as const)('%s %s is 405, with what it takes', async (method, url, allow) => {
    const webRoot = await mkdtemp(join(tmpdir(), 'signalbox-web-'));
    onTestFinished(() => rm(webRoot, { recursive: true }));
    for (const house of [await openHello(), await openHello({ webRoot })]) {
      const reply = await ask(house, method, `${url}?x=1`);
      expect(reply).toMatchObject({ status: 405, headers: { allow } });
      if (method !== 'HEAD') expect(reply.body).toMatchObject({ code: 'method_not_allowed' });
    }
  });

  it.each(['/healthz/', '/api/v1', '/api/v1/runs//log', '/api/v1/runs/7/log/nothing'])('does not make %s an address', async (url) => {
    expect(await ask(await openHello(), 'GET', url)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });
});

it('the address of the WebSocket asks for the upgrade', async () => {
  expect(await ask(await openHello(), 'GET', '/events?after=3')).toMatchObject({
    status: 426,
    headers: { upgrade: 'websocket', connection: 'upgrade' },
    body: { code: 'upgrade_required' },
  });
});

it('is not ready with the reason', async () => {
  const house = await openHouse({ ready: () => ({ ok: false, why: 'The disk is full.' }) });
  expect(await ask(house, 'GET', '/readyz')).toMatchObject({ status: 503, body: { code: 'unavailable', detail: 'The disk is full.' } });
});

describe('documents', () => {
  it('describe every route with its parameters', async () => {
    const { body } = await ask(await openHouse(), 'GET', '/api/v1/openapi.json');
    const { paths } = body as unknown as Document;
    const promote = paths['/api/v1/projects/{project}/promote/{tier}']?.['post'];
    expect(promote?.parameters.map(({ name, in: where }) => `${where} ${name}`)).toEqual([
      'path project',
      'path tier',
      'header idempotency-key',
      'header x-signalbox-actor',
    ]);
    expect(promote?.requestBody).toMatchObject({
      content: { 'application/json': { schema: { properties: { hotfix: { type: 'boolean' } }, additionalProperties: false } } },
    });
    expect(paths['/api/v1/runs']?.['get']?.parameters.map(({ name }) => name)).toEqual(['project', 'type', 'status', 'before', 'limit']);
    const ids = Object.values(paths).flatMap((methods) => Object.values(methods).map(({ operationId }) => operationId));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('tell what has to be given', async () => {
    const { body } = await ask(await openHouse(), 'GET', '/api/v1/openapi.json');
    const { paths } = body as unknown as Document;
    const required = (path: string): unknown =>
      Object.fromEntries((paths[path]?.['get']?.parameters ?? []).map(({ name, required: must }) => [name, must]));
    expect(required('/api/v1/runs/{run_id}/log/search')).toEqual({ run_id: true, q: true, mode: false, case: false });
    expect(required('/api/v1/events')).toMatchObject({ after: false, limit: false, kind: false });
    const bodies = Object.entries(paths).flatMap(([path, { post }]) => (post?.requestBody?.required === true ? [path] : []));
    expect(bodies).toEqual(['/api/v1/projects/{project}/lift-hold/{tier}']);
  });

  it('describe every frame', async () => {
    const { body } = await ask(await openHouse(), 'GET', '/api/v1/asyncapi.json');
    const { channels } = body as unknown as { channels: { events: { messages: Record<string, { payload: object }> } } };
    expect(Object.keys(channels.events.messages)).toEqual(
      expect.arrayContaining(['hello', 'snapshot', 'events', 'lagged', 'resume', 'pong']),
    );
  });
});

describe('files', () => {
  const PAGE = '<!doctype html><head><title>page</title></head>';

  async function openWeb() {
    const folder = await mkdtemp(join(tmpdir(), 'signalbox-web-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    // The folder above has the name of the one whose files are kept for ever.
    const webRoot = join(folder, 'assets', 'web');
    await mkdir(join(webRoot, 'assets'), { recursive: true });
    await writeFile(join(webRoot, 'index.html'), PAGE);
    await writeFile(join(webRoot, 'assets', 'app-1f.js'), 'export {}');
    await writeFile(join(webRoot, 'assets', 'app-1f.js.gz'), gzipSync('export {}'));
    await writeFile(join(webRoot, '.env'), 'SECRET=1');
    await mkdir(join(webRoot, '.vite'));
    await writeFile(join(webRoot, '.vite/manifest.json'), JSON.stringify(MANIFEST));
    const house = await openHouse({ webRoot });
    return (method: 'GET' | 'POST', url: string, accept = 'text/html,*/*', headers = {}) =>
      ask(house, method, url, { headers: { accept, ...headers } });
  }

  /** The first script, a view with its style, and what that shares with both. */
  const MANIFEST = {
    'index.html': { file: 'assets/app-1f.js', isEntry: true, imports: ['_both.js'], css: ['assets/app.css'] },
    '_both.js': { file: 'assets/both.js' },
    '_log.js': { file: 'assets/log.js', imports: ['_both.js'], css: ['assets/log.css'] },
    'src/views/Run.svelte': { file: 'assets/run.js', isDynamicEntry: true, imports: ['index.html', '_log.js'] },
  };

  it('tells with the page what its view is made of, without what every view is', async () => {
    const get = await openWeb();
    const of = async (url: string): Promise<string> => (await get('GET', url)).text;
    expect(await of('/runs/7')).toBe(
      '<!doctype html><head><title>page</title>' +
        '<link rel="modulepreload" crossorigin href="/assets/run.js" /><link rel="modulepreload" crossorigin href="/assets/log.js" />' +
        '<link rel="preload" as="style" crossorigin href="/assets/log.css" /></head>',
    );
    for (const url of ['/', '/projects/hello', '/elsewhere']) expect(await of(url), url).toBe(PAGE);
  });

  it('serves files packed to who takes them so', async () => {
    const get = await openWeb();
    const packed = await get('GET', '/assets/app-1f.js', '*/*', { 'accept-encoding': 'gzip' });
    expect(packed).toMatchObject({
      status: 200,
      headers: { 'content-encoding': 'gzip', 'content-type': 'application/javascript; charset=utf-8', vary: 'accept-encoding' },
    });
    expect((await get('GET', '/assets/app-1f.js', '*/*')).headers).not.toHaveProperty('content-encoding');
  });

  it('serves the page for itself and for places in it', async () => {
    const get = await openWeb();
    for (const url of [
      '/',
      '/projects/hello',
      '/runs/7',
      '/projects/hello/releases/1.4.0',
      '/projects/hello/releases/1.4.0%2Bg3f2a91c?x=1.js',
    ]) {
      const reply = await get('GET', url);
      expect(reply, url).toMatchObject({ status: 200, headers: { 'cache-control': 'no-cache' } });
      expect(reply.text).toContain('<title>page');
    }
  });

  it('serves hashed files for ever', async () => {
    expect(await (await openWeb())('GET', '/assets/app-1f.js', '*/*')).toMatchObject({
      status: 200,
      text: 'export {}',
      headers: { 'cache-control': 'public, max-age=31536000, immutable' },
    });
  });

  it.each([
    ['GET', '/assets/gone.js', 'text/html'],
    ['GET', '/assets/gone', 'text/html'],
    ['GET', '/projects/hello', 'application/json'],
    ['POST', '/projects/hello', 'text/html'],
    ['GET', '/api/v1/nothing', 'text/html'],
    ['GET', '/.env', 'text/html'],
    ['GET', '/assets/', '*/*'],
    ['GET', '/..%2f..%2fetc/passwd', '*/*'],
    ['GET', '/%2e%2e/%2e%2e/etc/passwd', '*/*'],
  ] as const)('%s %s (%s) is a problem, never the page', async (method, url, accept) => {
    const reply = await (await openWeb())(method, url, accept);
    expect(reply.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect(reply.status).toBeLessThan(500);
    expect(reply.text).not.toMatch(/SECRET|root:|<title>/);
  });

  it.each(['//x', `/${'a'.repeat(300)}`])('%s is nothing that is there', async (url) => {
    expect((await (await openWeb())('GET', url, '*/*')).status).toBe(404);
  });
});

it('answers what is no HTTP with a problem, and closes', async () => {
  const house = await openHouse();
  await house.app.listen({ host: '127.0.0.1', port: 0 });
  const socket = connect((house.app.server.address() as AddressInfo).port, '127.0.0.1');
  socket.write('NONSENSE\r\n\r\n');
  const answer = await text(socket);
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(answer).toContain('"code":"malformed"');
});
