/**
 * The page against a model of the server, over a link that loses, doubles, reorders and cuts. What must hold: whenever the page says it is live,
 * its state is the fold of the event log up to the number it has read to; and once the link is good it becomes live, at the head. A failure
 * prints the seed and the operations, shrunk; `fc.assert(..., { seed, path })` replays them.
 */
import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fold } from '../shared/fold/fold.ts';
import { EMPTY_STATE, type State } from '../shared/fold/state.ts';
import type { Envelope } from '../shared/protocol/envelope.ts';
import type { FrameDown, FrameUp } from '../shared/protocol/frames.ts';
import { AT, envelope, hello, ping, replayed, snapshotParts } from '../transport/frames_for_tests.ts';
import { PING_INTERVAL_MS } from '../transport/link_timing.ts';
import { LiveFeed } from '../transport/live_feed.ts';
import { SignalboxApp } from './app.svelte.ts';

const FRAME_MS = 16;
/** Rounds of everything delivered and a ping after which a page on a good link must be live. */
const GOOD_ROUNDS = 12;

type Op =
  | { op: 'append'; count: number; batch: number }
  | { op: 'deliver'; count: number }
  | { op: 'lose'; at: number; count: number }
  | { op: 'double' | 'swap'; at: number }
  | { op: 'lose_question' }
  | { op: 'hear' }
  | { op: 'lag'; parts: number }
  | { op: 'frame' }
  | { op: 'ping' }
  | { op: 'cut' }
  | { op: 'connect' }
  | { op: 'trim'; keep: number }
  | { op: 'restore'; keep: number };

/** Event logs by epoch, and one connection: what is on its way in either direction, and how far the server has sent. */
class Server {
  epoch = 1;
  floor = 0;
  readonly logs = new Map<number, Envelope[]>([[1, []]]);
  down: FrameDown[] = [];
  up: FrameUp[] = [];
  connected = false;
  sent: number | null = null;
  readonly #folded = new Map<string, State>();

  get name(): string {
    return `${this.epoch}-x`;
  }
  get log(): Envelope[] {
    return this.logs.get(this.epoch) ?? [];
  }
  get head(): number {
    return this.log.length;
  }

  state(epoch: number, upto: number): State {
    if (upto === 0) return EMPTY_STATE;
    const key = `${epoch} ${upto}`;
    const known = this.#folded.get(key);
    if (known !== undefined) return known;
    const state = fold(this.state(epoch, upto - 1), this.logs.get(epoch)![upto - 1]!);
    this.#folded.set(key, state);
    return state;
  }

  append(count: number, batch: number): void {
    for (let i = 0; i < count; i++) {
      const seq_no = this.head + 1;
      this.log.push(envelope(seq_no, { id: `${this.epoch}.${seq_no}` }));
    }
    if (this.sent !== null) this.sendUpto(batch);
  }

  sendUpto(batch: number): void {
    while (this.sent !== null && this.sent < this.head) {
      const [after, upto] = [this.sent, Math.min(this.head, this.sent + batch)];
      this.down.push({ type: 'events', after, upto, items: this.log.slice(after, upto) });
      this.sent = upto;
    }
  }

  sendSnapshot(parts: number): void {
    this.down.push(...snapshotParts(this.state(this.epoch, this.head), parts, this.name));
    this.sent = this.head;
  }

  obey(frame: FrameUp): void {
    if (frame.type !== 'resume') return;
    const { after, epoch, id } = frame;
    const known = after !== null && epoch === this.name && after >= this.floor && (after === 0 || this.log[after - 1]?.id === id);
    if (known) this.sent = after;
    else this.sendSnapshot(3);
    this.sendUpto(2);
    this.down.push(replayed(this.head));
  }
}

class Play {
  readonly server = new Server();
  readonly app: SignalboxApp;
  readonly #feed: LiveFeed;
  #upto = -1;
  /** Of the last hello that was delivered. */
  #epoch = 0;
  /** The page has been given proof that something is missing, and not yet that it is made up. */
  #hole = false;

  constructor() {
    const location = { protocol: 'http:', host: 'x', pathname: '/', search: '' };
    this.app = new SignalboxApp({ location } as unknown as Window);
    const { app } = this;
    const position = app.position.bind(app);
    app.position = (head, upto) => ((this.#upto = upto), position(head, upto));
    // Its own feed has no socket that was started; this one has the model's.
    this.#feed = new LiveFeed(app, () => performance.now());
    this.#feed.attach({
      send: (frame) => this.server.connected && this.server.up.push(frame) > 0,
      replaceInTurn: () => this.#lost(),
      stop: () => this.#lost(),
    });
    this.#feed.connecting();
  }

  #lost(): void {
    const { server } = this;
    [server.down, server.up, server.connected, server.sent] = [[], [], false, null];
    this.#feed.waiting(performance.now() + 1);
  }

  run(op: Op): void {
    const { server } = this;
    const { down } = server;
    switch (op.op) {
      case 'append':
        return server.append(op.count, op.batch);
      case 'deliver':
        for (let i = 0; i < op.count && server.down.length > 0; i++) this.#deliver();
        return;
      case 'lose':
        if (down.length > 0) down.splice(op.at % down.length, op.count);
        return;
      case 'double':
        if (down.length > 0) down.splice(op.at % down.length, 0, down[op.at % down.length]!);
        return;
      case 'swap':
        if (down.length > 1)
          down.splice(
            op.at % (down.length - 1),
            2,
            ...down
              .slice(op.at % (down.length - 1))
              .slice(0, 2)
              .toReversed(),
          );
        return;
      case 'lose_question':
        server.up.shift();
        return;
      case 'hear':
        for (const frame of server.up.splice(0)) server.obey(frame);
        return;
      case 'lag':
        if (server.sent === null) return;
        server.down.push({ type: 'lagged', at: AT, skipped: 1 });
        server.sendSnapshot(op.parts);
        server.down.push(replayed(server.head));
        return;
      case 'frame':
        vi.advanceTimersByTime(FRAME_MS);
        return;
      case 'ping':
        vi.advanceTimersByTime(PING_INTERVAL_MS);
        // As the page does once a second.
        this.app.connection.tick();
        if (this.app.connection.overdue) return this.#lost();
        if (server.connected) down.push(ping(server.head, new Date().toISOString()));
        return;
      case 'cut':
        return this.#lost();
      case 'connect':
        return this.#connect();
      case 'trim':
        server.floor = Math.max(server.floor, server.head - op.keep);
        return;
      case 'restore':
        return this.#restore(op.keep);
      default:
        op satisfies never;
    }
  }

  #deliver(): void {
    const frame = this.server.down.shift()!;
    if (frame.type === 'hello') this.#epoch = Number.parseInt(frame.epoch, 10);
    if (frame.type === 'lagged' || (frame.type === 'events' && frame.after !== Math.max(this.#upto, 0))) this.#hole = true;
    this.#feed.frame(frame);
    if (frame.type === 'replayed' && frame.upto === this.#upto) this.#hole = false;
  }

  #connect(): void {
    const { server } = this;
    this.#lost();
    server.connected = true;
    this.#feed.connecting();
    this.#feed.opened();
    // A hello that is lost is a link that is cut: the server closes who does not resume.
    this.server.down = [hello({ epoch: server.name, head: server.head, floor: server.floor })];
    this.#deliver();
  }

  /** The server starts with an older copy of its log. */
  #restore(keep: number): void {
    const { server } = this;
    const kept = server.log.slice(0, Math.max(server.floor, server.head - keep));
    this.#lost();
    server.epoch++;
    server.logs.set(server.epoch, kept);
    server.append(1, 1);
  }

  /** @returns what is wrong; null when nothing is. */
  check(): string | null {
    const { state } = this.app.dashboard;
    if (!this.#live()) return null;
    if (state.seq_no > this.#upto) return `live at ${state.seq_no}, read to ${this.#upto}`;
    const right = this.server.logs.get(this.#epoch) !== undefined && JSON.stringify(this.server.state(this.#epoch, state.seq_no));
    if (JSON.stringify(state) !== right) return `live at ${state.seq_no} of epoch ${this.#epoch} with a state that is not the log's`;
    vi.advanceTimersByTime(FRAME_MS);
    if (this.#live() && this.#hole) return `live with a hole behind ${this.#upto}`;
    const shown = this.app.dashboard.state.seq_no;
    if (this.#live() && shown !== this.#upto) return `live, read to ${this.#upto}, but ${shown} is shown`;
    return null;
  }

  /** A question and not a getter: the answer changes with time. */
  #live(): boolean {
    return this.app.connection.live;
  }

  /** The link is good from now on. */
  settle(): void {
    for (let round = 0; round < GOOD_ROUNDS; round++) {
      if (!this.server.connected) this.run({ op: 'connect' });
      while (this.server.up.length + this.server.down.length > 0) {
        this.run({ op: 'hear' });
        this.run({ op: 'deliver', count: 1_000 });
      }
      this.run({ op: 'frame' });
      const { connection, dashboard } = this.app;
      if (connection.live && dashboard.state.seq_no === this.server.head) return;
      this.run({ op: 'ping' });
    }
    throw new Error(`not live on a good link: ${this.app.connection.label}, ${this.app.dashboard.state.seq_no} of ${this.server.head}`);
  }
}

const at = fc.nat(20);
const op: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      op: fc.constant('append' as const),
      count: fc.integer({ min: 1, max: 5 }),
      batch: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 6, arbitrary: fc.record({ op: fc.constant('deliver' as const), count: fc.integer({ min: 1, max: 8 }) }) },
  { weight: 4, arbitrary: fc.record({ op: fc.constant('hear' as const) }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('lose' as const), at, count: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constantFrom('double' as const, 'swap' as const), at }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constantFrom('frame' as const, 'ping' as const, 'connect' as const) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constantFrom('cut' as const, 'lose_question' as const) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('lag' as const), parts: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('trim' as const), keep: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('restore' as const), keep: fc.nat(4) }) },
);

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('requestAnimationFrame', (run: () => void) => setTimeout(run, FRAME_MS));
  vi.stubGlobal('cancelAnimationFrame', (id: ReturnType<typeof setTimeout>) => clearTimeout(id));
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test('live means whole, over any link; and over a good one it becomes live', () => {
  fc.assert(
    fc.property(fc.array(op, { minLength: 5, maxLength: 60 }), (ops) => {
      const play = new Play();
      // Most of what can go wrong begins with a page that is live.
      play.settle();
      for (const each of ops) {
        play.run(each);
        expect(play.check()).toBeNull();
      }
      play.settle();
      expect(play.check()).toBeNull();
    }),
    { numRuns: 600 },
  );
});
