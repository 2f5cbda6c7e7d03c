/**
 * Puts the page together: one socket, one state, one clock, and the questions every lever asks. The only file of the page that makes these objects.
 * It shows nothing; `App.svelte` does. A page that failed in itself stays stale until it is reloaded: it never starts over in silence.
 */
import { Announcer } from '../a11y/announcer.ts';
import { connectionSentence } from '../a11y/connection_sentence.ts';
import { eventSentence } from '../a11y/event_sentence.ts';
import { PageKeys, type KeyAction } from '../a11y/keys.ts';
import { can } from '../shared/fold/can.ts';
import type { State } from '../shared/fold/state.ts';
import type { Command } from '../shared/protocol/commands.ts';
import type { Envelope } from '../shared/protocol/envelope.ts';
import { LAST_LINES } from '../shared/protocol/log_bounds.ts';
import { counted } from '../shared/words/version.ts';
import { Api } from '../transport/api.ts';
import { LogApi } from '../transport/log_api.ts';
import { idempotencyKey } from '../transport/idempotency_key.ts';
import { LiveFeed, type FeedListener, type Hello } from '../transport/live_feed.ts';
import { LiveSocket, socketUrl } from '../transport/live_socket.ts';
import { makeLink } from '../transport/reconnecting_link.ts';
import { steadyClock } from '../transport/steady_clock.ts';
import { Clock } from './clock.svelte.ts';
import { Commands } from './commands.svelte.ts';
import { Connection } from './connection.svelte.ts';
import type { App, Lever } from './context.ts';
import { Dashboard } from './dashboard.svelte.ts';
import { nextFrame } from './frame.ts';
import { History } from './history.svelte.ts';
import type { LogTailDeps } from './log_tail.svelte.ts';
import { Naming } from './naming.svelte.ts';
import { onPage } from './page_events.ts';
import { pageTimer } from './page_timer.ts';
import { browserStorage, Prefs } from './prefs.svelte.ts';
import { Route } from './route.svelte.ts';

const TICK_MS = 1_000;
const UNNAMED = 'local:unnamed';

/** Monotonic ms since the epoch: unlike the wall clock it is never set. */
const monotonic = (): number => performance.timeOrigin + performance.now();
/** The one by which silence and waits are measured. */
const steady = steadyClock(
  () => Date.now(),
  () => performance.now(),
);

export class SignalboxApp implements App, FeedListener {
  readonly prefs = new Prefs(browserStorage());
  readonly naming = new Naming(this.prefs);
  readonly route: Route;
  readonly api = new Api(() => this.prefs.name);
  readonly dashboard: Dashboard;
  readonly connection: Connection;
  readonly clock: Clock;
  readonly commands: Commands;
  readonly history: History;
  readonly #logs = new LogApi();
  readonly logs: LogTailDeps = {
    watch: (run_id, watcher) => this.#feed.watch(run_id, watcher),
    rewatch: (run_id) => this.#feed.rewatch(run_id),
    server: this.#logs,
    size: (run_id) => this.api.logSize(run_id),
    schedule: nextFrame,
    after: (ms, run) => pageTimer.after(ms, run),
  };
  filter = $state('');
  /** What the live region says; `n` tells a repeated sentence from an old one. */
  said = $state.raw({ sentence: '', n: 0 });
  readonly #feed: LiveFeed;
  readonly #socket: LiveSocket;
  readonly #announcer: Announcer;
  readonly #keys: PageKeys;
  readonly #window: Window;
  readonly #undo: (() => void)[] = [];
  #actor = $state.raw<string | null>(null);
  #histories = $state.raw(0);
  #was_live = false;

  constructor(window: Window) {
    this.#window = window;
    this.#keys = new PageKeys(window.document, () => this.prefs.letters);
    this.route = new Route(window);
    // Whoever comes for a log waits for its lines: they are asked for while the page is put together.
    if (this.route.place.view === 'run') this.#logs.askAhead(this.route.place.run_id, LAST_LINES);
    this.#feed = new LiveFeed(this, monotonic);
    this.#socket = new LiveSocket(socketUrl(window.location), this.#feed, { now: steady, make: makeLink });
    this.#feed.attach(this.#socket);
    this.clock = new Clock(() => monotonic() + (this.#feed.clock.offset_ms ?? 0));
    this.connection = new Connection(steady, () => this.#feed.clock.latency_ms);
    this.dashboard = new Dashboard(nextFrame, (error) => this.viewFailed(error));
    this.commands = new Commands({
      send: (command, key, asking) => this.api.command(command, key, asking),
      newKey: () => idempotencyKey(),
      blocked: () => this.#blocked(),
      named: () => this.naming.ask(),
      now: () => this.clock.now,
    });
    this.history = new History(browserStorage(), () => this.dashboard.state.gaps);
    const say = (sentence: string): void => void (this.said = { sentence, n: this.said.n + 1 });
    this.#announcer = new Announcer(say, { ...pageTimer, now: monotonic });
    this.dashboard.onAnyEvents((envelopes) => this.commands.onEvents(envelopes));
    this.dashboard.onEvents((envelopes) => this.#tell(envelopes));
  }

  /** Signed in, or as named; another name is another actor. */
  get actor(): string {
    return this.#actor ?? (this.prefs.name === '' ? UNNAMED : `local:${this.prefs.name}`);
  }

  /** How many histories came after the first that the page saw. What a view holds of one of them is not of the next. */
  get histories(): number {
    return this.#histories;
  }

  start(): void {
    const ticking = setInterval(() => this.#tick(), TICK_MS);
    this.#undo.push(
      () => clearInterval(ticking),
      onPage(this.#window, { replace: () => this.#socket.replace(), refresh: () => this.#socket.refresh() }),
      this.route.listen(),
    );
    this.#socket.start();
  }

  /** Idempotent. */
  stop(): void {
    for (const undo of this.#undo.splice(0)) undo();
    this.#announcer.close();
    this.#socket.stop();
  }

  lever(command: Command): Lever {
    if (!this.connection.live) return { allowed: false, reason: this.connection.reason };
    if (this.commands.pendingOf(command) !== null) return { allowed: false, reason: 'Sending…' };
    const verdict = can(this.dashboard.state, command, this.actor);
    return verdict.allowed ? verdict : { allowed: false, reason: verdict.refusal.message };
  }

  keys(bindings: Readonly<Record<string, KeyAction>>): () => void {
    return this.#keys.add(bindings);
  }

  announce(sentence: string): void {
    this.#announcer.announce(sentence);
  }

  /** Tries the connection again now. */
  retry(): void {
    this.#socket.replace();
  }

  /** Something in this page threw: what it shows can no longer be trusted. */
  viewFailed(error: unknown): void {
    this.#socket.stop();
    this.connection.pageError('This page failed and has stopped.');
    this.#changed();
    reportError(error);
  }

  // What the feed tells.
  snapshot(state: State): void {
    this.dashboard.snapshot(state);
  }
  events(items: readonly Envelope[], live: boolean): void {
    this.dashboard.events(items, live);
  }
  caughtUp(skipped: number): void {
    // Not before it is shown: until then levers would be about an older state.
    this.dashboard.caughtUp(() => {
      this.connection.caughtUp();
      this.clock.tick();
      this.#changed();
    });
    if (skipped > 0) this.announce(`This page fell ${counted(skipped, 'event')} behind and has caught up. Nothing is missing.`);
  }
  catchingUp(): void {
    this.dashboard.catchingUp();
    this.connection.catchingUp();
    this.#changed();
  }
  hello(hello: Hello): void {
    this.#actor = hello.actor;
  }
  anotherHistory(): void {
    this.#histories++;
    this.history.another();
  }
  heard(server_ms: number | null): void {
    this.connection.heard(server_ms);
  }
  position(head: number | null, upto: number): void {
    this.connection.position(head, upto);
  }
  newVersion(need: 'required' | 'offered', version: string): void {
    this.connection.newVersion(need, version);
    this.#changed();
  }
  connecting(): void {
    this.dashboard.catchingUp();
    this.connection.connecting();
    this.#changed();
  }
  opened(): void {
    this.connection.opened();
  }
  waiting(next_try_ms: number): void {
    this.dashboard.catchingUp();
    this.connection.waiting(next_try_ms);
    this.#changed();
  }
  stopped(reason: string): void {
    this.dashboard.catchingUp();
    this.connection.stopped(reason);
    this.#changed();
  }
  defect(error: unknown): void {
    this.connection.defect();
    this.#changed();
    reportError(error);
  }

  complained(message: string): void {
    reportError(new Error(`the server did not take a frame: ${message}`));
  }

  #tick(): void {
    this.connection.tick();
    if (this.connection.live) this.clock.tick();
    if (this.connection.overdue) this.#socket.replaceInTurn();
    this.#changed();
  }

  #blocked(): string | null {
    this.connection.tick();
    return this.connection.live ? null : this.connection.reason;
  }

  /** Says that the connection was lost or is back. */
  #changed(): void {
    const { live } = this.connection;
    const sentence = live === this.#was_live ? null : connectionSentence(this.#was_live, this.connection);
    this.#was_live = live;
    if (sentence !== null) this.announce(sentence);
  }

  #tell(envelopes: readonly Envelope[]): void {
    for (const envelope of envelopes) this.announce(eventSentence(envelope, this.actor) ?? '');
  }
}
