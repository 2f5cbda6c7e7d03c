/** The HTTP service, without a port of its own, so that tests can start it on any. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fillIn } from './page.js';
import { missingSettings } from './settings.js';

const PATHS = [
  { pattern: /^\/$/, file: () => 'index.html', type: 'text/html; charset=utf-8' },
  { pattern: /^\/hello\/([a-z]{2,3})$/, file: (tag) => `hello/${tag}.html`, type: 'text/html; charset=utf-8' },
  { pattern: /^\/pictures\/([a-z]{2,3})\.png$/, file: (tag) => `pictures/${tag}.png`, type: 'image/png' },
];

/**
 * @param site folder of the built pages
 * @param version what it was built as
 * @param node name of the machine it was deployed to, or null
 * @param folder where the machine keeps its settings
 */
export function createService({ site, version, node, folder, settingsFile }) {
  const health = () => {
    const missing = missingSettings({ node, folder, ...(settingsFile === undefined ? {} : { file: settingsFile }) });
    if (missing !== null) return { status: 503, body: { status: 'starting', version, node, error: `${missing} is missing` } };
    return { status: 200, body: { status: 'ok', version, node } };
  };

  async function answer(path) {
    if (path === '/healthz') {
      const { status, body } = health();
      return { status, type: 'application/json', body: JSON.stringify(body) };
    }
    for (const { pattern, file, type } of PATHS) {
      const match = pattern.exec(path);
      if (match === null) continue;
      try {
        const bytes = await readFile(join(site, file(match[1])));
        return {
          status: 200,
          type,
          body: type.startsWith('text/') ? fillIn(bytes.toString('utf8'), { version, node: node ?? 'this machine' }) : bytes,
        };
      } catch (error) {
        if (error.code !== 'ENOENT') throw error;
      }
    }
    return { status: 404, type: 'text/plain; charset=utf-8', body: 'There is no such page.\n' };
  }

  return createServer(async (request, response) => {
    try {
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        response.writeHead(405, { allow: 'GET, HEAD' }).end();
        return;
      }
      const { status, type, body } = await answer(new URL(request.url, 'http://hello').pathname);
      response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body), 'cache-control': 'no-store' });
      response.end(request.method === 'HEAD' ? undefined : body);
    } catch (error) {
      console.error(error);
      response.writeHead(500).end();
    }
  });
}
