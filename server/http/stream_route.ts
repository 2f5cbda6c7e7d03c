/** `GET /api/v1/events/stream`: opens, counts and ends the streams. */
import { Readable } from 'node:stream';
import { z } from 'zod';
import { Failure } from '../failure.ts';
import type { HttpDeps, Metric } from './deps.ts';
import { eventStream, parseEventId } from './event_stream.ts';
import { goneSignal } from './gone_signal.ts';
import type { ReaderPosition } from './reader_position.ts';
import { route, wholeNumber, type Route } from './route.ts';
import { takenWithin } from './taken_within.ts';

/** Each holds a socket and a cursor; the screens use the WebSocket. */
export const STREAMS_AT_ONCE = 100;

export interface StreamRoute {
  route: Route;
  metrics: readonly Metric[];
  /** Ends all streams, so that the server can close. Idempotent. */
  close(): void;
}

export function streamRoute(deps: HttpDeps): StreamRoute {
  const closing = new AbortController();
  let open = 0;
  let stalled = 0;
  return {
    close: () => closing.abort(new Error('the server is shutting down')),
    metrics: [
      { name: 'signalbox_event_streams', help: 'Open server-sent event streams.', type: 'gauge', read: () => open },
      {
        name: 'signalbox_event_streams_stalled_total',
        help: 'Event streams ended because nothing was taken from them for 30 s.',
        type: 'counter',
        read: () => stalled,
      },
    ],
    route: route({
      method: 'GET',
      path: '/api/v1/events/stream',
      id: 'events_stream',
      summary:
        'The event log as server-sent events, from Last-Event-ID or `after` on, else from now on. `event: reset` {epoch, head, floor, why} says that the position is of another history: read /api/v1/state again; the stream goes on after `head`. `event: history_gap` {from, to, why} names events that were trimmed; the stream goes on after `to`. A stream from which nothing is taken for 30 s is ended.',
      headers: { 'last-event-id': { description: '`<epoch>:<seq_no>:<id>` of the last event seen.', required: false } },
      query: z.strictObject({ after: wholeNumber(0, Number.MAX_SAFE_INTEGER).optional() }),
      answers: { 200: { description: 'The stream.', type: 'text/event-stream' } },
      answer: ({ query, request, reply }) => {
        const from = positionOf(request.headers['last-event-id'], query.after);
        if (open >= STREAMS_AT_ONCE) throw new Failure('unavailable', 'Too many event streams are open. Close one, or use the WebSocket.');
        open++;
        const signal = AbortSignal.any([goneSignal(reply), closing.signal]);
        const pieces = takenWithin(eventStream(deps, from, signal), deps.clock, () => {
          stalled++;
          reply.raw.destroy();
        });
        // One piece ahead: what a slow reader has not taken is in the log.
        const stream = Readable.from(pieces, { highWaterMark: 1 });
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

function positionOf(header: string | string[] | undefined, after: number | undefined): ReaderPosition | null {
  if (header === undefined || header === '') return after === undefined ? null : { seq_no: after, epoch: null, id: null };
  const position = typeof header === 'string' ? parseEventId(header) : null;
  if (position === null) throw new Failure('malformed', 'Last-Event-ID is <epoch>:<seq_no>:<id>, as this server sends it.');
  return position;
}
