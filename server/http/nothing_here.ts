/** What is answered where no route is: that nothing is there, or which methods are taken there. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problem, sendProblem } from './problem.ts';
import type { Route } from './route.ts';

type Addressed = Pick<Route, 'method' | 'path' | 'head'>;
export type NothingHere = (request: FastifyRequest, reply: FastifyReply) => FastifyReply;

export function nothingHere(routes: readonly Addressed[]): NothingHere {
  return (request, reply) => {
    const methods = methodsAt(routes, request.url.split('?', 1)[0] ?? '');
    if (methods.length === 0) return sendProblem(reply, problem(404, 'not_found', 'There is nothing at this address.'));
    const allowed = methods.join(', ');
    return sendProblem(reply.header('allow', allowed), problem(405, 'method_not_allowed', `This address takes ${allowed}.`));
  };
}

function methodsAt(routes: readonly Addressed[], path: string): string[] {
  return routes.filter((route) => fits(route.path, path)).flatMap(({ method, head }) => (head === true ? [method, 'HEAD'] : [method]));
}

/** @param pattern with `:name` for each part that may be anything. */
function fits(pattern: string, path: string): boolean {
  const parts = path.split('/');
  const wanted = pattern.split('/');
  return parts.length === wanted.length && wanted.every((part, at) => (part.startsWith(':') ? parts[at] !== '' : parts[at] === part));
}
