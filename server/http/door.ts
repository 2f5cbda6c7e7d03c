/**
 * The HTTP server itself, from the first moment on. It listens before anything can be answered, and who answers is exchanged while it
 * listens: a start that reads a long history is not a closed port, and between the two there is no moment in which a connection is refused.
 * Closing has a bound: nobody who reads slowly or never may keep the server from ending the runs that come after it.
 */
import { lookup } from 'node:dns/promises';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { answerClientError } from './client_error.ts';

/** A request must be there as a whole within this. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Longer than proxies keep theirs, so that it is not us who closes a connection on which a request is on its way. */
const KEEP_ALIVE_MS = 72_000;
/** What is being answered when the server stops may go on for this long. */
export const DRAIN_WITHIN_MS = 2_000;

const NOT_HERE: ReadonlySet<unknown> = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT']);

export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export class Door {
  readonly server: Server;
  /** All that listen: the name `localhost` may stand for two addresses, and a browser takes either. */
  readonly #servers: Server[];
  #answer: RequestListener;
  #closing: Promise<void> | null = null;

  constructor(answer: RequestListener) {
    this.#answer = answer;
    this.server = this.#make();
    this.#servers = [this.server];
  }

  /** @param port 0 for any free one. @returns the port. @throws the system's error, e.g. EADDRINUSE. */
  async listen({ host, port }: { host: string; port: number }, addresses = addressesOf): Promise<number> {
    const [first = host, ...others] = await addresses(host);
    const taken = await listening(this.server, first, port);
    for (const other of others) {
      const beside = this.#make();
      try {
        await listening(beside, other, taken);
        this.#servers.push(beside);
      } catch (error) {
        // The name has an address that the machine has not, as in a container without IPv6: one is enough. Not so when a stranger listens there.
        if (!(error instanceof Error && 'code' in error && NOT_HERE.has(error.code))) throw error;
      }
    }
    return taken;
  }

  /** From the next request on. Until then Node gives an upgrade to `answer` as any other request. */
  handOver(answer: RequestListener, upgrade: UpgradeListener): void {
    this.#answer = answer;
    for (const server of this.#servers) server.on('upgrade', upgrade);
  }

  /** No new connections, then no connections. Those of WebSockets are their gateway's to close. Idempotent. */
  close(drain_within_ms = DRAIN_WITHIN_MS): Promise<void> {
    this.#closing ??= Promise.all(this.#servers.map((server) => closed(server, drain_within_ms))).then(() => undefined);
    return this.#closing;
  }

  #make(): Server {
    const server: Server = createServer(
      {
        requestTimeout: REQUEST_TIMEOUT_MS,
        keepAliveTimeout: KEEP_ALIVE_MS,
        // Whoever offers another protocol, as `curl --http2` does, takes an ordinary answer, too.
        shouldUpgradeCallback: ({ headers }) => server.listenerCount('upgrade') > 0 && headers.upgrade?.toLowerCase() === 'websocket',
      },
      (request, response) => this.#answer(request, response),
    );
    server.on('clientError', answerClientError);
    return server;
  }
}

async function addressesOf(host: string): Promise<string[]> {
  return host === 'localhost' ? (await lookup(host, { all: true })).map(({ address }) => address) : [host];
}

function listening(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(address !== null && typeof address === 'object' ? address.port : port);
    });
  });
}

function closed(server: Server, drain_within_ms: number): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(() => server.closeAllConnections(), drain_within_ms);
    server.close(() => {
      clearTimeout(late);
      resolve();
    });
    server.closeIdleConnections();
  });
}
