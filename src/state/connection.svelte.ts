/**
 * Whether what the page shows is what the server has. It collects what the feed reports and asks `judge` once a second and at every report; the
 * verdict is never guessed from the socket's own idea of being open, which a half-dead link keeps for minutes.
 */
import type { FeedListener } from '../transport/live_feed.ts';
import { BEHIND_MS } from '../transport/link_timing.ts';
import { judge, type ConnectionVerdict, type LinkFacts } from './connection_status.ts';
import type { ConnectionStatus } from '../a11y/connection_sentence.ts';
import type { ConnectionView } from './context.ts';

type LinkReports = Pick<
  FeedListener,
  'connecting' | 'opened' | 'waiting' | 'stopped' | 'heard' | 'position' | 'newVersion' | 'caughtUp' | 'catchingUp' | 'defect'
>;

export class Connection implements ConnectionView, LinkReports {
  #facts: LinkFacts = $state.raw({
    link: { type: 'connecting' },
    caught_up: false,
    heard: null,
    since_ms: 0,
    owed: null,
    latency_ms: null,
    new_version: null,
    page_error: null,
  });
  #now_ms = $state.raw(0);
  readonly #verdict: ConnectionVerdict = $derived(judge(this.#facts, this.#now_ms));
  readonly #now: () => number;
  readonly #latency: () => number | null;
  /** Newest, kept outside the runes: thousands of log frames a second must not each wake the page. */
  #heard: LinkFacts['heard'] = null;

  /** @param now ms of a clock that never goes back and counts sleep. @param latency ms the newest frame took; null when unknown. */
  constructor(now: () => number, latency: () => number | null) {
    this.#now = now;
    this.#latency = latency;
    this.#now_ms = now();
    this.#set({ since_ms: this.#now_ms });
  }

  get status(): ConnectionStatus {
    return this.#verdict.status;
  }
  get live(): boolean {
    return this.#verdict.live;
  }
  get label(): string {
    return this.#verdict.label;
  }
  get reason(): string {
    return this.#verdict.reason;
  }
  get retry(): boolean {
    return this.#verdict.retry;
  }
  get reload(): boolean {
    return this.#verdict.reload;
  }
  get last_word(): number | null {
    return this.#facts.heard?.server_ms ?? null;
  }
  /** Once a second; also before a command is sent, because a machine that slept has not ticked. */
  tick(): void {
    this.#set({});
  }

  connecting(): void {
    this.#set({ link: { type: 'connecting' }, caught_up: false, owed: null });
  }

  opened(): void {
    this.#set({ link: { type: 'open' }, caught_up: false });
  }

  waiting(next_try_ms: number): void {
    this.#set({ link: { type: 'waiting', next_try_ms }, caught_up: false, owed: null });
  }

  stopped(reason: string): void {
    this.#set({ link: { type: 'stopped', reason }, caught_up: false });
  }

  heard(server_ms: number | null): void {
    this.#heard = { local_ms: this.#now(), server_ms };
    if (!this.live) this.#set({});
  }

  caughtUp(): void {
    this.#set({ caught_up: true, latency_ms: this.#latency() });
  }

  /** What was missed is not in yet; the link stays. */
  catchingUp(): void {
    this.#set({ caught_up: false, owed: null });
  }

  position(head: number | null, upto: number): void {
    const owed = this.#facts.owed;
    if (owed !== null && upto >= owed.head) this.#set({ owed: null });
    if (head === null) return;
    const since_ms = this.#facts.owed?.since_ms ?? this.#now();
    this.#set({
      latency_ms: this.#latency(),
      ...(head > upto ? { owed: { head: this.#facts.owed?.head ?? head, since_ms, behind: head - upto } } : {}),
    });
  }

  /** So far behind that the link should be replaced. */
  get overdue(): boolean {
    const owed = this.#facts.owed;
    return this.#facts.caught_up && owed !== null && this.#now() - owed.since_ms > BEHIND_MS;
  }

  newVersion(need: 'required' | 'offered', version: string): void {
    this.#set({ new_version: { need, version } });
  }

  defect(): void {
    this.pageError('This page could not read what the server sent.');
  }

  /** @param sentence what went wrong in the page itself; it stays stale from now on. */
  pageError(sentence: string): void {
    if (this.#facts.page_error === null) this.#set({ page_error: sentence });
  }

  #set(change: Partial<LinkFacts>): void {
    this.#facts = { ...this.#facts, heard: this.#heard, ...change };
    this.#now_ms = this.#now();
  }
}
