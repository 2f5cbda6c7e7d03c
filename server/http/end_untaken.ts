/**
 * Ends the answer to a reader who takes none of it: a paused download holds a connection and a log that is open. Told by the connection itself
 * and not by the pieces that are asked for, because a slow reader takes long for one, and the last ones wait where nobody asks.
 */
import { Socket } from 'node:net';
import type { FastifyReply } from 'fastify';

/** Longer than for those who follow what happens: somebody may be reading in a pager. */
export const LOG_TAKEN_WITHIN_MS = 10 * 60_000;

/** To be called before the answer is sent. A single byte taken begins the time anew. */
export function endUntaken({ raw }: FastifyReply, within_ms = LOG_TAKEN_WITHIN_MS): void {
  // What is asked from within the process has no connection.
  if (raw.socket instanceof Socket) raw.setTimeout(within_ms, () => raw.destroy());
}
