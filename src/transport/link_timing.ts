/** The bounds of the live link, in one place, and what a close code asks for. */
import { CLOSE } from '../shared/protocol/close_codes.ts';

/** The server pings this often. */
export const PING_INTERVAL_MS = 5_000;
/** No word for so long, and the page is stale and the link is replaced. */
export const SILENT_MS = 10_000;
/** So long behind a head the server has named, and the page is stale. */
export const BEHIND_MS = 5_000;
/** A link that was quiet for no longer than this need not be replaced when the page is looked at again: a ping and a second. */
export const FRESH_MS = PING_INTERVAL_MS + 1_000;
/** The server has promised to go on from where this page is, and not one frame of that came: the link is replaced. */
export const ANSWER_WITHIN_MS = 10_000;
export const CONNECT_TIMEOUT_MS = 6_000;
/** A link that held so long starts its waits from the beginning. */
export const MIN_UPTIME_MS = 5_000;

/**
 * A server that comes back is met by its viewers one after another: each waits a random part of so long for each of them. At 32 ms half of
 * what it can bear comes in any one second, which leaves room for chance.
 */
export const SPREAD_PER_VIEWER_MS = 32;
/** However many they are. */
export const SPREAD_MOST_MS = 30_000;
/** Before the first ping has told how many there are. */
export const VIEWERS_ASSUMED = 16;
/** What a page has heard last shrinks by no more than this a ping: while they come back, the first to arrive would take themselves for the only ones. */
export const VIEWERS_FADE = 0.95;
/** A try that failed is followed by one within this time at least, and within `RETRY_GROWTH` times as long after each that fails too. */
export const RETRY_LEAST_MS = 500;
const RETRY_GROWTH = 1.7;
const RETRY_MOST_MS = 8_000;

/** @param heard how many viewers a ping told of. @returns how many to reckon with. */
export function viewersNow(before: number, heard: number): number {
  return Math.max(heard, before * VIEWERS_FADE);
}

/** Ms over which a try may fall. @param tries that have failed since a link last held. */
export function tryWithinMs(viewers: number, tries: number): number {
  const spread = Math.min(viewers * SPREAD_PER_VIEWER_MS, SPREAD_MOST_MS);
  return tries === 0 ? spread : Math.max(spread, Math.min(RETRY_LEAST_MS * RETRY_GROWTH ** (tries - 1), RETRY_MOST_MS));
}

/** 44xx means stop; anything else, 1000 from a refused handshake included, means come back. */
export type CloseMeaning = { then: 'come_back' } | { then: 'stop'; code: number; reason: string };

export function closeMeaning(code: number, reason: string): CloseMeaning {
  if (code < 4400 || code > 4499) return { then: 'come_back' };
  if (code === CLOSE.protocol) return { then: 'stop', code, reason: 'This page is older than the server. Reload it.' };
  if (code === CLOSE.unauthenticated) return { then: 'stop', code, reason: 'The server asks you to sign in. Reload the page.' };
  return { then: 'stop', code, reason: reason === '' ? `The server ended this connection for good (${code}).` : reason };
}
