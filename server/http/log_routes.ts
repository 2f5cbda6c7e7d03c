/** The event log and what is folded from it, for readers who come with plain HTTP. */
import { z } from 'zod';
import { FOLD_VERSION } from '../../src/shared/fold/state.ts';
import { WHOLE_SERVER } from '../../src/shared/protocol/envelope.ts';
import { ProjectId } from '../../src/shared/protocol/ids.ts';
import { LogError, READ_LIMIT, type LogBounds, type ReadFilter } from '../eventlog/port.ts';
import type { HttpDeps } from './deps.ts';
import { goneSignal } from './gone_signal.ts';
import { Past } from './past.ts';
import { pollRows, PollProjection } from './poll.ts';
import { problem, ProblemError } from './problem.ts';
import { standingOf, trimmed, type ReaderPosition } from './reader_position.ts';
import { route, wholeNumber, type Route } from './route.ts';

const EVENTS_BY_DEFAULT = 100;
const KINDS_ASKED = 50;
const position = wholeNumber(0, Number.MAX_SAFE_INTEGER);
const Kind = z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, 'a kind is lower-case letters, digits and _');
/** `?kind=a&kind=b` or `?kind=a,b`. */
const Kinds = z.preprocess((given) => (typeof given === 'string' ? given.split(',') : given), z.array(Kind).max(KINDS_ASKED));

const StateAnswer = z.object({ epoch: z.string(), seq_no: z.int(), fold_version: z.int(), state: z.looseObject({}) });
const EventsAnswer = z.object({
  epoch: z.string(),
  floor: z.int(),
  head: z.int(),
  after: z.int(),
  upto: z.int().describe('How far was read; ask again with it as `after`, until it is `head`.'),
  items: z.array(z.looseObject({ seq_no: z.int(), id: z.string(), at: z.string(), project: z.string(), kind: z.string() })),
});

export function logRoutes(deps: HttpDeps): Route[] {
  const past = new Past(deps.log);
  const poll = new PollProjection(deps.log, () => deps.recording.state());
  return [
    route({
      method: 'GET',
      path: '/api/v1/state',
      id: 'state',
      summary: 'The dashboard state now, or as it was at a seq_no.',
      query: z.strictObject({ at: position.optional() }),
      answers: { 200: { description: 'The fold of the log.', schema: StateAnswer } },
      answer: async ({ query, reply }) => {
        const state = query.at === undefined ? deps.recording.state() : await past.at(query.at, goneSignal(reply));
        return { epoch: deps.log.bounds().epoch, seq_no: state.seq_no, fold_version: FOLD_VERSION, state };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/events',
      id: 'events',
      summary:
        'A page of the event log after `after`, oldest first. It is complete when `upto` equals `head`, whatever the number of items. 410 `gone` with `floor`: what comes after `after` was trimmed. 409 `other_history`: `after` lies beyond the head, or `epoch` or `id` are not those of this log; read /api/v1/state and go on from its seq_no. Both carry `epoch`, `floor` and `head`.',
      query: z.strictObject({
        after: position.default(0),
        epoch: z
          .string()
          .max(200)
          .optional()
          .describe('Of the answer `after` is from. Without it another history is only noticed beyond the head.'),
        id: z.string().max(64).optional().describe('Of the event at `after`.'),
        limit: wholeNumber(1, READ_LIMIT).default(EVENTS_BY_DEFAULT),
        project: z.union([ProjectId, z.literal(WHOLE_SERVER)]).optional(),
        kind: Kinds.optional(),
      }),
      answers: { 200: { description: 'The page.', schema: EventsAnswer } },
      answer: async ({ query: { after, epoch, id, limit, project, kind } }) => {
        const filter: ReadFilter = { ...(project === undefined ? {} : { project }), ...(kind === undefined ? {} : { kinds: kind }) };
        await assertOurs(deps.log, { seq_no: after, epoch: epoch ?? null, id: id ?? null });
        try {
          const { envelopes, upto } = await deps.log.read(after, limit, filter);
          return { ...deps.log.bounds(), after, upto, items: envelopes };
        } catch (error) {
          // Trimmed since it was asserted.
          if (error instanceof LogError && error.code === 'below_floor')
            throw gone(trimmed(deps.log.bounds().floor).why, deps.log.bounds());
          throw error;
        }
      },
    }),
    route({
      method: 'GET',
      path: '/api/events',
      id: 'poll',
      summary: 'The work-board poll of the older API: rows later than `since` (ms), oldest first, at most 500.',
      query: z.object({ since: wholeNumber(0, Number.MAX_SAFE_INTEGER).default(0) }),
      answers: { 200: { description: 'The rows.', schema: z.array(z.looseObject({ type: z.string(), timestamp_ms: z.int() })) } },
      answer: async ({ query: { since } }) => pollRows(await poll.rows(), since),
    }),
  ];
}

/** @throws ProblemError 410 `gone`, 409 `other_history`. */
async function assertOurs(log: HttpDeps['log'], position: ReaderPosition): Promise<void> {
  const standing = await standingOf(log, position);
  switch (standing.type) {
    case 'ours':
      return;
    case 'trimmed':
      throw gone(standing.why, log.bounds());
    case 'other_history':
      throw new ProblemError(
        problem(409, 'other_history', `${standing.why} Read /api/v1/state and go on from its seq_no.`, { ...log.bounds() }),
      );
    default:
      standing satisfies never;
  }
}

function gone(why: string, bounds: LogBounds): ProblemError {
  return new ProblemError(problem(410, 'gone', `${why} Read /api/v1/state and go on from its seq_no.`, { ...bounds }));
}
