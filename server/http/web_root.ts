/**
 * The built SPA. Unknown paths get the page only when a person navigates there (GET, text/html, no file extension): a missing script that
 * is answered with a page breaks in the browser with an error that names neither.
 */
import { join, sep } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Version } from '../../src/shared/protocol/ids.ts';
import { isServerPath } from '../../src/shared/protocol/server_paths.ts';
import type { NothingHere } from './nothing_here.ts';
import { viewPage } from './view_page.ts';

const HASHED = 'assets';
const PAGE = 'index.html';

/** @param nothingHere answers what is neither a file nor the page. */
export function serveWebRoot(app: FastifyInstance, webRoot: string | null, nothingHere: NothingHere): void {
  if (webRoot !== null) {
    const hashed = join(webRoot, HASHED, sep);
    void app.register(fastifyStatic, {
      root: webRoot,
      cacheControl: false,
      dotfiles: 'ignore',
      preCompressed: true,
      setHeaders: (reply, path) => {
        // Vite names these by their content; all else may change under its name.
        reply.header('cache-control', path.startsWith(hashed) ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
  }
  app.setNotFoundHandler(async (request, reply) => {
    if (webRoot === null || !wantsPage(request)) return nothingHere(request, reply);
    const page = await viewPage(webRoot, request.url);
    return page === null ? reply.sendFile(PAGE) : reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache').send(page);
  });
}

function wantsPage({ method, url, headers }: FastifyRequest): boolean {
  const path = url.split('?', 1)[0] ?? '';
  return method === 'GET' && headers.accept?.includes('text/html') === true && !isServerPath(path) && !hasFileExtension(path);
}

/** A version at the end of a link (`/hello/1.4.0`) is not one. */
function hasFileExtension(path: string): boolean {
  const last = path.slice(path.lastIndexOf('/') + 1);
  return /\.[a-z0-9]+$/i.test(last) && !Version.safeParse(last.replaceAll(/%2b/gi, '+')).success;
}
