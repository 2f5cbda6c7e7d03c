import type { FastifyReply } from 'fastify';

/** The reason of the signal: nobody is left to answer. */
export class CallerGone extends Error {
  constructor() {
    super('the caller hung up');
  }
}

/** Aborts when the caller hangs up before the answer is complete, or has done so already. */
export function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  const look = (): void => {
    if (!reply.raw.writableFinished) gone.abort(new CallerGone());
  };
  if (reply.raw.destroyed) look();
  else reply.raw.once('close', look);
  return gone.signal;
}
