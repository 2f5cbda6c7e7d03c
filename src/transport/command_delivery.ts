/**
 * Brings one command to the server and finds out what became of it. The promise kept here: it never says "nothing was done" of a command
 * that may have been done. So silence is followed by questions by idempotency key, and only a server that twice does not know the key, the
 * second time after the request was given up, makes it `not_received`.
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
/** Questions without an answer before it is left open. */
const ASK_TRIES = 6;
const UNKNOWNS_NEEDED = 2;

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
    return outcome.status === 'not_received' ? outcomeOf(reply) : outcome;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    by.asking();
    return await ask(key, by);
  }
}

async function ask(key: IdempotencyKey, by: Delivery): Promise<CommandOutcome> {
  let unknowns = 0;
  for (let tries = 0; tries < ASK_TRIES; tries++) {
    if (tries > 0) await by.pause(ASK_PAUSE_MS);
    let reply: Reply;
    try {
      reply = await request(by.fetch, `/api/v1/commands/${encodeURIComponent(key)}`, { headers: by.headers() }, ASK_TIMEOUT_MS);
    } catch {
      // Silence again: nothing is known, so ask again. The last try falls through to the sentence below.
      continue;
    }
    if (Answer.safeParse(reply.body).success) return outcomeOf(reply);
    if (reply.status !== 404 && !Unknown.safeParse(reply.body).success) return outcomeOf(reply);
    if (++unknowns === UNKNOWNS_NEEDED) return { status: 'not_received' };
  }
  return { status: 'failed', message: 'No answer, and nobody to ask. It may have been done: this page shows it once the server is back.' };
}

/** @param reply to the command itself, or to the question what became of it. */
export function outcomeOf(reply: Reply): CommandOutcome {
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
