/**
 * What is answered while the server starts. It lives (`/healthz`), it is not ready (`/readyz`, with how far it is), and everything else has to
 * come back: a person gets a page that says the same and comes back by itself. The guard stands before this, too. It knows no state.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { isServerPath } from '../../src/shared/protocol/server_paths.ts';
import { COME_BACK_S } from '../failure.ts';
import { askedOf, checkOrigin, type Ours } from '../guard/origin.ts';
import { startSentence, type StartProgress } from '../starting_port.ts';
import { PROBLEM_TYPE, problem, type Problem } from './problem.ts';
import { STARTING_CSP, startingPage } from './starting_page.ts';

export interface StartingDeps {
  guard: () => Ours;
  progress: () => StartProgress;
}

export function startingAnswers({ guard, progress }: StartingDeps): RequestListener {
  return (request, response) => {
    const { method = 'GET', url = '/', headers } = request;
    const refusal = checkOrigin(askedOf(method, headers), guard());
    if (refusal !== null) return sendProblem(response, problem(refusal.status, refusal.code, refusal.message));
    if ((method === 'GET' || method === 'HEAD') && /^\/healthz(?:\?|$)/.test(url))
      return send(response, 200, 'application/json; charset=utf-8', JSON.stringify({ status: 'ok' }));
    response.setHeader('retry-after', COME_BACK_S);
    if (wantsPage(request)) {
      response.setHeader('content-security-policy', STARTING_CSP);
      response.setHeader('x-frame-options', 'DENY');
      response.setHeader('referrer-policy', 'no-referrer');
      return send(response, 503, 'text/html; charset=utf-8', startingPage(progress(), COME_BACK_S));
    }
    const { done, total } = progress();
    return sendProblem(response, problem(503, 'starting', startSentence(progress()), { progress: { done, total } }));
  };
}

function wantsPage({ method, url = '/', headers }: IncomingMessage): boolean {
  return method === 'GET' && headers.accept?.includes('text/html') === true && headers.upgrade === undefined && !isServerPath(url);
}

function sendProblem(response: ServerResponse, body: Problem): void {
  send(response, body.status, PROBLEM_TYPE, JSON.stringify(body));
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}
