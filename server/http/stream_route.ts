/** `GET /api/v1/events/stream`: opens, counts and ends the streams. */
import { Readable } from 'node:stream';
import { z } from 'zod';
import { Failure } from '../failure.ts';
import type { HttpDeps, Metric } from './deps.ts';
import { eventStream, parseEventId, type StreamPosition } from './event_stream.ts';
import { goneSignal } from './gone_signal.ts';
import { route, wholeNumber, type Route } from './route.ts';

/** Each holds a socket and a cursor; the screens use the WebSocket. */
export const STREAMS_AT_ONCE = 100;

export interface StreamRoute {
  route: Route;
  metric: Metric;
  /** Ends all streams, so that the server can close. Idempotent. */
  close(): void;
}

export function streamRoute(deps: HttpDeps): StreamRoute {
  const closing = new AbortController();
  let open = 0;
  return {
    close: () => closing.abort(new Error('the server is shutting down')),
    metric: { name: 'signalbox_event_streams', help: 'Open server-sent event streams.', type: 'gauge', read: () => open },
    route: route({
      method: 'GET',
      path: '/api/v1/events/stream',
      id: 'events_stream',
      summary:
        'The event log as server-sent events, from Last-Event-ID or `after` on, else from now on. `event: reset` says that the position is of another history.',
      headers: { 'last-event-id': { description: '`<epoch>:<seq_no>:<id>` of the last event seen.', required: false } },
      query: z.strictObject({ after: wholeNumber(0, Number.MAX_SAFE_INTEGER).optional() }),
      answers: { 200: { description: 'The stream.', type: 'text/event-stream' } },
      answer: ({ query, request, reply }) => {
        const from = positionOf(request.headers['last-event-id'], query.after);
        if (open >= STREAMS_AT_ONCE) throw new Failure('unavailable', 'Too many event streams are open. Close one, or use the WebSocket.');
        open++;
        const signal = AbortSignal.any([goneSignal(reply), closing.signal]);
        const stream = Readable.from(eventStream(deps, from, signal));
        stream.once('close', () => open--);
        return (
          reply
            .header('content-type', 'text/event-stream')
            .header('cache-control', 'no-store')
            // Proxies must not hold events back.
            .header('x-accel-buffering', 'no')
            // Kept alive, the connection of an ended stream would hold up the shutdown until its idle time is over.
            .header('connection', 'close')
            .send(stream)
        );
      },
    }),
  };
}

function positionOf(header: string | string[] | undefined, after: number | undefined): StreamPosition | null {
  if (header === undefined || header === '') return after === undefined ? null : { seq_no: after, history: null };
  const position = typeof header === 'string' ? parseEventId(header) : null;
  if (position === null) throw new Failure('malformed', 'Last-Event-ID is <epoch>:<seq_no>:<id>, as this server sends it.');
  return position;
}
