/** Hands an operator's command to the desk and turns its answer into HTTP: 202 for applied, 409 with the state of the tier for refused. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { TierState } from '../../src/shared/fold/state.ts';
import { Command, type Answer, type CommandName } from '../../src/shared/protocol/commands.ts';
import { IdempotencyKey, type Actor } from '../../src/shared/protocol/ids.ts';
import { REFUSAL_TITLE } from '../../src/shared/protocol/refusals.ts';
import { Failure } from '../failure.ts';
import { assertAddress, NAMES_NOTHING, notFound, type Address } from './address.ts';
import type { HttpDeps } from './deps.ts';
import { problem, sendProblem } from './problem.ts';
import { parseGiven } from './route.ts';

export const KEY_HEADER = 'idempotency-key';
const UNNAMED: Actor = 'local:unnamed';

export interface Submission {
  command: CommandName;
  /** Names from the path, joined with the body into the command. */
  path: Address | { run_id: number };
  body: object;
  /** The older API's paths need neither key nor name. */
  older?: boolean;
}

export async function submit(
  deps: HttpDeps,
  { command, path, body, older = false }: Submission,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const actor = actorOf(deps, request, older);
  const key = keyOf(request, older);
  const whole = parseGiven(Command, { ...body, command, ...path }, 'the command');
  // A key that has its answer gets it again, also when the place has gone since.
  if (key === null || deps.recording.answerOf(key) === null) await assertThere(deps, path);
  const answer = await deps.desk.submit(whole, actor, key);
  return answer.status === 'applied' ? reply.code(202).send(answer) : refuse(deps, path, answer, reply);
}

/** @throws Failure `unauthenticated` when nobody is named. */
function actorOf(deps: HttpDeps, request: FastifyRequest, older: boolean): Actor {
  const actor = deps.authenticator.identify(request.headers);
  if (actor !== null) return actor;
  if (older && !deps.authenticator.verified) return UNNAMED;
  throw new Failure('unauthenticated', 'Nobody is named for the record. Send x-signalbox-actor: local:<your name, percent-encoded>.');
}

/** @throws Failure `malformed` when it is missing or not a key. */
function keyOf(request: FastifyRequest, older: boolean): IdempotencyKey | null {
  const sent = request.headers[KEY_HEADER];
  if (sent === undefined && older) return null;
  if (sent === undefined)
    throw new Failure('malformed', 'Send an Idempotency-Key header: a new one for each command, the same one when you repeat it.');
  const key = IdempotencyKey.safeParse(sent);
  if (!key.success) throw new Failure('malformed', 'An Idempotency-Key is 1 to 128 printable characters without spaces.');
  return key.data;
}

async function assertThere(deps: HttpDeps, path: Submission['path']): Promise<void> {
  if (!('run_id' in path)) assertAddress(deps.recording.state(), path);
  else if ((await deps.runs.get(path.run_id)) === null) throw notFound('unknown_run', `There is no run ${path.run_id}.`);
}

async function refuse(
  deps: HttpDeps,
  path: Submission['path'],
  answer: Extract<Answer, { status: 'refused' }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { refusal, seq_no } = answer;
  const status = NAMES_NOTHING.has(refusal.code) ? 404 : 409;
  const more = { refusal, seq_no, state: await tierConcerned(deps, path), title: REFUSAL_TITLE[refusal.code] };
  return sendProblem(reply, problem(status, refusal.code, refusal.message, more));
}

/** As it is now, so that the screen that was refused can show why. */
async function tierConcerned(deps: HttpDeps, path: Submission['path']): Promise<TierState | null> {
  const run = 'run_id' in path ? await deps.runs.get(path.run_id) : null;
  const project = 'run_id' in path ? run?.project : path.project;
  const tier = 'run_id' in path ? run?.tier : path.tier;
  return (
    deps.recording
      .state()
      .projects.find(({ id }) => id === project)
      ?.tiers.find(({ id }) => id === tier) ?? null
  );
}
