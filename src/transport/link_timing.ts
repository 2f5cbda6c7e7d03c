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
/** Links that fail in a way that an immediate new try would repeat are not replaced more often than this. */
export const REPLACE_PACE_MS = 2_000;
export const CONNECT_TIMEOUT_MS = 6_000;
/** A link that held so long starts its delays from the beginning. */
export const MIN_UPTIME_MS = 5_000;

/** Waiting times of one link instance. Random, or every tab would come back in the same instant after a server restart. */
export interface RetryDelays {
  min_ms: number;
  max_ms: number;
  grow: number;
}

/** @param random in [0, 1). */
export function retryDelays(random: () => number): RetryDelays {
  return { min_ms: 400 + random() * 800, max_ms: 6_000 + random() * 4_000, grow: 1.4 + random() * 0.4 };
}

/** Ms before try number `retry` (0 is the first connect): the arithmetic of reconnecting-websocket, which does not tell. */
export function retryDelay(delays: RetryDelays, retry: number): number {
  return retry <= 0 ? 0 : Math.min(delays.min_ms * delays.grow ** (retry - 1), delays.max_ms);
}

/** 44xx means stop; anything else, 1000 from a refused handshake included, means come back. */
export type CloseMeaning = { then: 'come_back' } | { then: 'stop'; code: number; reason: string };

export function closeMeaning(code: number, reason: string): CloseMeaning {
  if (code < 4400 || code > 4499) return { then: 'come_back' };
  if (code === CLOSE.protocol) return { then: 'stop', code, reason: 'This page is older than the server. Reload it.' };
  if (code === CLOSE.unauthenticated) return { then: 'stop', code, reason: 'The server asks you to sign in. Reload the page.' };
  return { then: 'stop', code, reason: reason === '' ? `The server ended this connection for good (${code}).` : reason };
}
