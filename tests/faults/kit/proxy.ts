/**
 * A TCP proxy on loopback that breaks links on demand: late, narrow, cut into single bytes, reset, swallowed, stopped, half-open, or short of one
 * WebSocket frame. What is done to the proxy holds for every link, those to come included; what is done to a link holds for that one. It passes
 * bytes unchanged and in order otherwise: a test that fails through a fair proxy fails without one.
 *
 * A client names the proxy's port in `Host` and `Origin`: open the proxy first and start the server with the proxy's `url` as its `public_url`.
 */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { FrameFilter, type Unwanted } from './proxy_frames.ts';
import { FAIR, Pipe, type Shape } from './proxy_pipe.ts';

/** `up`: from the client to the server. `both` where nothing is said. */
export type Direction = 'up' | 'down';
const BOTH: readonly Direction[] = ['up', 'down'];
const TEXT = 1;
const LOOPBACK = '127.0.0.1';

export type { Shape } from './proxy_pipe.ts';

/** What may be done to one link and to all of them. */
export interface Breakable {
  /** Changes what is named, leaves the rest: `shape({ slice_bytes: 1 }, 'down')`. */
  shape(shape: Partial<Shape>, direction?: Direction): void;
  /** Reads nothing more: the sender feels a reader that stopped. */
  pause(direction?: Direction): void;
  /** Takes everything and passes nothing: neither end is told. */
  blackhole(direction?: Direction): void;
  /** After `pause` or `blackhole`: passes again. What a black hole took is gone. */
  resume(direction?: Direction): void;
  /** RST to both ends. */
  reset(): void;
}

/** One connection through the proxy. */
export class Link implements Breakable {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #frames = new FrameFilter();
  readonly #pipes: Record<Direction, Pipe>;
  readonly #shapes: Record<Direction, Shape>;
  readonly closed: Promise<void>;

  constructor(client: Socket, server: Socket, shapes: Record<Direction, Shape>) {
    this.#client = client;
    this.#server = server;
    this.#shapes = { ...shapes };
    this.#pipes = {
      up: new Pipe(client, server, shapes.up, (bytes) => [bytes]),
      down: new Pipe(server, client, shapes.down, (bytes) => this.#frames.take(bytes)),
    };
    for (const socket of [client, server]) socket.setNoDelay(true);
    // An end that broke breaks the other; `halfOpen` takes these listeners off.
    client.on('error', () => server.resetAndDestroy());
    server.on('error', () => client.resetAndDestroy());
    this.closed = Promise.all([client, server].map((socket) => new Promise((resolve) => socket.once('close', resolve)))).then(
      () => undefined,
    );
  }

  shape(shape: Partial<Shape>, direction?: Direction): void {
    for (const way of ways(direction)) {
      this.#shapes[way] = { ...this.#shapes[way], ...shape };
      this.#pipes[way].shape(this.#shapes[way]);
    }
  }

  pause(direction?: Direction): void {
    for (const way of ways(direction)) this.#pipes[way].mode = 'paused';
  }

  /** Bytes a black hole took. */
  get swallowed(): number {
    return this.#pipes.up.swallowed + this.#pipes.down.swallowed;
  }

  blackhole(direction?: Direction): void {
    for (const way of ways(direction)) this.#pipes[way].mode = 'blackhole';
  }

  resume(direction?: Direction): void {
    for (const way of ways(direction)) this.#pipes[way].mode = 'passing';
  }

  reset(): void {
    this.#client.resetAndDestroy();
    this.#server.resetAndDestroy();
  }

  /** One end goes without a word to the other, as a machine that lost its power. @param gone the end that goes. */
  halfOpen(gone: 'client' | 'server'): void {
    this.blackhole();
    const [going, staying] = gone === 'client' ? [this.#client, this.#server] : [this.#server, this.#client];
    going.removeAllListeners('error').on('error', () => undefined);
    staying.removeAllListeners('error').on('error', () => undefined);
    going.destroy();
  }

  /**
   * Leaves out the next text frame the server sends that is whole after this call.
   * @param which of them; without it, the next. @returns the text that was dropped, once it was.
   */
  dropFrame(which: (text: string) => boolean = () => true): Promise<string> {
    const unwanted: Unwanted = ({ opcode, payload }) => opcode === TEXT && which(payload.toString());
    return new Promise((resolve) => this.#frames.dropNext(unwanted, (payload) => resolve(payload.toString())));
  }

  destroy(): void {
    this.#client.destroy();
    this.#server.destroy();
  }
}

type Standing = 'resume' | 'pause' | 'blackhole';

export class Proxy implements Breakable {
  readonly #listener: Server;
  readonly #shapes: Record<Direction, Shape> = { up: FAIR, down: FAIR };
  readonly #standing: Record<Direction, Standing> = { up: 'resume', down: 'resume' };
  readonly #links = new Set<Link>();
  readonly #heard = new Set<(link: Link) => void>();
  #refusing = false;
  #to: number;

  private constructor(listener: Server, to: number) {
    this.#listener = listener;
    this.#to = to;
    listener.on('connection', (client) => this.#join(client));
  }

  /** @param to the port of loopback it leads to; 0 when that is not known yet. It listens on a free port of loopback itself. */
  static async open(to = 0): Promise<Proxy> {
    const listener = createServer({ allowHalfOpen: true });
    const proxy = new Proxy(listener, to);
    listener.listen(0, LOOPBACK);
    await once(listener, 'listening');
    return proxy;
  }

  /** Those who come from now on are led there: to a server that was started again, for one. */
  leadTo(port: number): void {
    this.#to = port;
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port;
  }

  /** `http://127.0.0.1:<port>` */
  get url(): string {
    return `http://${LOOPBACK}:${this.port}`;
  }

  /** Open now, oldest first. */
  get links(): readonly Link[] {
    return [...this.#links];
  }

  /** @returns its undo. */
  onLink(listener: (link: Link) => void): () => void {
    this.#heard.add(listener);
    return () => this.#heard.delete(listener);
  }

  shape(shape: Partial<Shape>, direction?: Direction): void {
    for (const way of ways(direction)) this.#shapes[way] = { ...this.#shapes[way], ...shape };
    for (const link of this.#links) link.shape(shape, direction);
  }

  pause(direction?: Direction): void {
    this.#stand('pause', direction);
  }

  blackhole(direction?: Direction): void {
    this.#stand('blackhole', direction);
  }

  resume(direction?: Direction): void {
    this.#stand('resume', direction);
  }

  /** Those open now. New ones are let in. */
  reset(): void {
    for (const link of this.#links) link.reset();
  }

  /** While true, whoever comes is reset at once, as by a server that is not there. */
  refuse(refusing: boolean): void {
    this.#refusing = refusing;
  }

  /** Cuts every link. Idempotent. */
  async close(): Promise<void> {
    const { links } = this;
    for (const link of links) link.destroy();
    await Promise.all(links.map(({ closed }) => closed));
    if (this.#listener.listening) await new Promise((resolve) => this.#listener.close(resolve));
  }

  #stand(standing: Standing, direction?: Direction): void {
    for (const way of ways(direction)) this.#standing[way] = standing;
    for (const link of this.#links) link[standing](direction);
  }

  #join(client: Socket): void {
    if (this.#refusing) {
      client.on('error', () => undefined);
      client.resetAndDestroy();
      return;
    }
    const link = new Link(client, connect({ host: LOOPBACK, port: this.#to, allowHalfOpen: true }), this.#shapes);
    this.#links.add(link);
    void link.closed.then(() => this.#links.delete(link));
    for (const way of BOTH) link[this.#standing[way]](way);
    for (const listener of this.#heard) listener(link);
  }
}

function ways(direction: Direction | undefined): readonly Direction[] {
  return direction === undefined ? BOTH : [direction];
}
