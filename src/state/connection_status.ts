/**
 * Can the page be trusted, in one word and one sentence. A pure function of what happened on the link and of the time, so that the chip, the
 * header, the levers and the tests cannot disagree. Order matters: what needs a reload first, then silence, then the rest.
 */
import { counted } from '../shared/words/version.ts';
import { duration, timeOfDay } from '../shared/words/time.ts';
import { BEHIND_MS, SILENT_MS } from '../transport/link_timing.ts';
import type { ConnectionStatus } from '../a11y/connection_sentence.ts';

export type LinkState =
  | { type: 'connecting' }
  | { type: 'open' }
  /** Down; ms of the next try. */
  | { type: 'waiting'; next_try_ms: number }
  | { type: 'stopped'; reason: string };

/** All ms are of one clock, which never goes back and counts sleep. */
export interface LinkFacts {
  readonly link: LinkState;
  /** Everything missed so far is in. */
  readonly caught_up: boolean;
  /** Ms of the last frame, and the server's time then; null before the first. */
  readonly heard: { readonly local_ms: number; readonly server_ms: number | null } | null;
  /** Ms of this page's start. */
  readonly since_ms: number;
  /** The server named a head this page has not reached, first at this ms. */
  readonly owed: { readonly head: number; readonly since_ms: number; readonly behind: number } | null;
  readonly latency_ms: number | null;
  readonly new_version: { readonly need: 'required' | 'offered'; readonly version: string } | null;
  /** What went wrong in this page itself. */
  readonly page_error: string | null;
}

export interface ConnectionVerdict {
  status: ConnectionStatus;
  live: boolean;
  label: string;
  reason: string;
  /** Offer "Try now". */
  retry: boolean;
  /** Offer "Reload". */
  reload: boolean;
}

export function judge(facts: LinkFacts, now_ms: number): ConnectionVerdict {
  const seen = facts.heard?.server_ms == null ? '' : ` You see ${timeOfDay(facts.heard.server_ms)}.`;
  if (facts.page_error !== null) {
    return { ...STALE, label: 'Stale', reason: `${facts.page_error}${seen} Buttons are off. Reload the page.`, reload: true };
  }
  if (facts.new_version?.need === 'required') {
    const reason = `The server was updated to ${facts.new_version.version}; this page cannot read it.${seen} Reload the page.`;
    return { status: 'new_version', live: false, label: 'New version', reason, retry: false, reload: true };
  }
  if (facts.link.type === 'stopped') return { ...STALE, label: 'Stale', reason: `${facts.link.reason}${seen}`, reload: true };

  const silent_ms = now_ms - (facts.heard?.local_ms ?? facts.since_ms);
  const next = facts.link.type === 'waiting' ? nextTry(facts.link.next_try_ms - now_ms) : '';
  if (silent_ms > SILENT_MS) {
    const age = duration(silent_ms / 1000);
    const reason = `No word from the server for ${age}.${seen} Buttons are off until it answers.${next}`;
    return { ...STALE, label: `Stale, ${age}`, reason, retry: facts.link.type === 'waiting' };
  }
  if (facts.link.type === 'waiting') {
    const lost = facts.heard?.server_ms == null ? 'Connection lost.' : `Connection lost at ${timeOfDay(facts.heard.server_ms)}.`;
    return { status: 'reconnecting', live: false, label: 'Reconnecting', reason: `${lost}${next}`, retry: true, reload: false };
  }
  if (facts.link.type === 'connecting' || !facts.caught_up) {
    const again = facts.heard !== null;
    const reason = again ? 'Catching up with the server. Buttons are off until then.' : 'Connecting to the server.';
    return { status: 'catching_up', live: false, label: again ? 'Catching up' : 'Connecting', reason, retry: false, reload: false };
  }
  if (facts.owed !== null && now_ms - facts.owed.since_ms > BEHIND_MS) {
    const reason = `This page is ${counted(facts.owed.behind, 'event')} behind the server. Buttons are off until it has caught up.`;
    return { ...STALE, label: 'Stale, behind', reason };
  }
  if (facts.new_version !== null) {
    const reason = `The server was updated to ${facts.new_version.version}. Reload the page when it suits you.`;
    return { status: 'new_version', live: true, label: 'New version', reason, retry: false, reload: true };
  }
  return {
    status: 'live',
    live: true,
    label: facts.latency_ms === null ? 'Live' : `Live, ${facts.latency_ms} ms`,
    reason: '',
    retry: false,
    reload: false,
  };
}

const STALE = { status: 'stale', live: false, retry: false, reload: false } as const;

function nextTry(wait_ms: number): string {
  const seconds = Math.ceil(wait_ms / 1000);
  return seconds > 0 ? ` Next try in ${seconds} s.` : ' Trying now.';
}
