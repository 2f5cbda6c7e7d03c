import type { FastifyReply } from 'fastify';

/** The reason of the signal: nobody is left to answer. */
export class CallerGone extends Error {
  constructor() {
    super('the caller hung up');
  }
}

/** Aborts when the caller hangs up before the answer is complete. */
export function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort(new CallerGone());
  });
  return gone.signal;
}
