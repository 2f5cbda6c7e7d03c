/**
 * Brings one command to the server and finds out what became of it. The promise kept here: it never says "nothing was done" of a command
 * that may have been done. So silence is followed by questions by idempotency key, for as long as it lasts, and only a server that twice does
 * not know the key, the second time a while after the request was given up, makes it `not_received`.
 */
import * as z from 'zod/mini';
import { Answer, type Command } from '../shared/protocol/commands.ts';
import { SeqNo, type IdempotencyKey } from '../shared/protocol/ids.ts';
import { Refusal } from '../shared/protocol/refusals.ts';
import type { CommandOutcome } from '../state/submission.ts';
import { commandRoute } from './command_route.ts';
import { ApiError, problemOf, request, type Fetch, type Reply } from './http_json.ts';

const ASK_TIMEOUT_MS = 4_000;
/** Between two questions. */
export const ASK_PAUSE_MS = 2_000;
/** The problem's code when the disk failed while the command was being recorded. */
const IN_DOUBT = 'in_doubt';
const UNKNOWNS_NEEDED = 2;
const TOO_MANY_REQUESTS = 429;

const Unknown = z.looseObject({ status: z.literal('unknown') });
/** A refusal by HTTP: a problem that carries it. */
const RefusedProblem = z.looseObject({ refusal: Refusal, seq_no: SeqNo });

export interface Delivery {
  fetch: Fetch;
  /** Of the operator's, in each request. */
  headers(): Record<string, string>;
  pause(ms: number): Promise<void>;
  /** Calls when the first request got no answer and the questions begin. */
  asking(): void;
}

export async function deliver(command: Command, key: IdempotencyKey, by: Delivery): Promise<CommandOutcome> {
  const { path, body } = commandRoute(command);
  const headers = { ...by.headers(), 'content-type': 'application/json', 'idempotency-key': key };
  try {
    const reply = await request(by.fetch, path, { method: 'POST', headers, body: JSON.stringify(body) });
    if (reply.status < 500) return outcomeOf(reply);
    // The server broke while it was at it: it may have been stored all the same.
    by.asking();
    const outcome = await ask(key, by);
    // A server that could not tell has been asked since, and can.
    return outcome.status === 'not_received' && problemOf(reply).code !== IN_DOUBT ? outcomeOf(reply) : outcome;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    by.asking();
    return await ask(key, by);
  }
}

async function ask(key: IdempotencyKey, by: Delivery): Promise<CommandOutcome> {
  for (let unknowns = 0; ; await by.pause(ASK_PAUSE_MS)) {
    const reply = await question(key, by);
    // Silence, or a server that is not itself yet: nothing is known.
    if (reply === null) continue;
    if (Answer.safeParse(reply.body).success) return outcomeOf(reply);
    if (!Unknown.safeParse(reply.body).success) {
      return { status: 'failed', message: `It may have been done: the server does not say. ${problemOf(reply).message}` };
    }
    if (++unknowns === UNKNOWNS_NEEDED) return { status: 'not_received' };
  }
}

async function question(key: IdempotencyKey, by: Delivery): Promise<Reply | null> {
  try {
    const path = `/api/v1/commands/${encodeURIComponent(key)}`;
    const reply = await request(by.fetch, path, { headers: by.headers() }, ASK_TIMEOUT_MS);
    return reply.status >= 500 || reply.status === TOO_MANY_REQUESTS ? null : reply;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return null;
  }
}

/** @param reply to the command itself, or an answer to the question what became of it. */
function outcomeOf(reply: Reply): CommandOutcome {
  const answer = Answer.safeParse(reply.body);
  if (answer.success) return outcomeOfAnswer(answer.data);
  const refused = RefusedProblem.safeParse(reply.body);
  if (reply.status >= 400 && refused.success) {
    return { status: 'refused', seq_no: refused.data.seq_no, refusal: refused.data.refusal };
  }
  if (reply.status < 400)
    return { status: 'failed', message: 'The server answered something this page cannot read. Reload it to see what was done.' };
  return { status: 'failed', message: `Not done. ${problemOf(reply).message}` };
}

function outcomeOfAnswer(answer: Answer): CommandOutcome {
  if (answer.status === 'applied') return { status: 'applied', seq_no: answer.seq_no, run_id: answer.run_id ?? null };
  return { status: 'refused', seq_no: answer.seq_no, refusal: answer.refusal };
}
