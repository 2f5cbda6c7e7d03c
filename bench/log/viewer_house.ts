/**
 * Serves the pages of the others: the log as one file, and a run's output as it comes from the real gateway, taken out of its frames here, so that their pages have
 * less to do than ours. It says nothing of what they show.
 */
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { WebSocketServer } from 'ws';
import * as z from 'zod/mini';

const SOURCES = fileURLToPath(new URL('./viewers', import.meta.url));
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };
const Frame = z.looseObject({ type: z.string(), chunk: z.optional(z.looseObject({ text: z.string() })) });

export class ViewerHouse {
  /** Shown at `/log`. */
  log = '';
  readonly #server: Server;
  readonly #sockets: WebSocketServer;
  readonly #gateway: string;

  private constructor(server: Server, gateway: string) {
    this.#server = server;
    this.#sockets = new WebSocketServer({ server, path: '/stream', perMessageDeflate: false });
    this.#gateway = gateway;
  }

  /** @param folder for the built pages. @param signalbox address of the server whose runs are shown. */
  static async open(folder: string, signalbox: string): Promise<ViewerHouse> {
    await build({ configFile: false, root: SOURCES, base: './', logLevel: 'warn', build: { outDir: folder, emptyOutDir: true } });
    const server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://localhost');
      if (pathname === '/log') send(response, house.log, 'text/plain; charset=utf-8');
      else {
        const path = pathname === '/' ? '/index.html' : normalize(pathname);
        send(response, join(folder, path), TYPES[extname(path)] ?? 'application/octet-stream');
      }
    });
    const house = new ViewerHouse(server, `${signalbox.replace('http', 'ws')}/events`);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return house;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Passes the output of a run on to every page that is open, until the run ends or it is stopped. @returns what stops it. */
  async pass(run_id: number): Promise<() => void> {
    const socket = new WebSocket(this.#gateway, 'signalbox.v1');
    const say = (frame: unknown): void => socket.send(JSON.stringify(frame));
    await once(socket, 'open');
    socket.addEventListener('message', ({ data }) => {
      const { type, chunk } = Frame.parse(JSON.parse(String(data)));
      if (type === 'ping') say({ type: 'pong' });
      if (chunk !== undefined) for (const page of this.#sockets.clients) page.send(chunk.text);
    });
    say({ type: 'resume', epoch: null, after: null, id: null });
    say({ type: 'watch', run_id, offset: 0 });
    return () => socket.close();
  }

  async close(): Promise<void> {
    for (const page of this.#sockets.clients) page.terminate();
    this.#sockets.close();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

function send(response: ServerResponse, file: string, type: string): void {
  createReadStream(file)
    .once('error', () => response.writeHead(404).end())
    .once('open', () => response.writeHead(200, { 'content-type': type }))
    .pipe(response);
}
