/**
 * The HTTP side: routes over the ports, errors as problem+json, the SPA's files. Its invariants: the guard sees every request before anything
 * else does, no GET changes anything, a body is JSON or refused, and no error tells more than its sentence. It holds no state of its own that
 * a restart could lose, sends no CORS header, and decides nothing: commands go to the desk, and what they may do is decided behind it.
 */
import type { RequestListener, Server } from 'node:http';
import helmet from '@fastify/helmet';
import { fastify, LogController, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { askedOf, checkOrigin } from '../guard/origin.ts';
import { aliasRoutes } from './aliases.ts';
import { asyncapi } from './asyncapi.ts';
import { answerClientError } from './client_error.ts';
import { commandRoutes } from './command_routes.ts';
import type { HttpDeps } from './deps.ts';
import { keysInHand } from './keys_in_hand.ts';
import { logLineRoutes } from './log_line_routes.ts';
import { logMarkRoutes } from './log_mark_routes.ts';
import { logSearchRoutes } from './log_search_routes.ts';
import { logRoutes } from './log_routes.ts';
import { nothingHere } from './nothing_here.ts';
import { openapi } from './openapi.ts';
import { paceRoute } from './pace_route.ts';
import { answerError, problem, sendProblem } from './problem.ts';
import { processMetrics } from './prometheus.ts';
import { route, type Route } from './route.ts';
import { runRoutes } from './run_routes.ts';
import { socketRoute } from './socket_route.ts';
import { streamRoute } from './stream_route.ts';
import { systemRoutes } from './system_routes.ts';
import { serveWebRoot } from './web_root.ts';

export const BODY_LIMIT_BYTES = 64 * 1024;
/** A percent-encoded version or key of 128 characters. */
const PARAM_LENGTH = 512;

/** @param serve gives the server whose requests its argument will answer, and that answers what is no request itself; one of its own when left out. */
export function createHttp(deps: HttpDeps, serve?: (answer: RequestListener) => Server): FastifyInstance {
  /** The guard. @returns null when the request may go on. */
  const refuse = (request: FastifyRequest, reply: FastifyReply): FastifyReply | null => {
    const refusal = checkOrigin(askedOf(request.method, request.headers), { publicUrl: deps.config().public_url, port: deps.port() });
    return refusal && sendProblem(reply, problem(refusal.status, refusal.code, refusal.message));
  };
  const app: FastifyInstance = fastify({
    loggerInstance: deps.logger,
    ...(serve === undefined ? {} : { serverFactory: serve }),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT_BYTES,
    routerOptions: { maxParamLength: PARAM_LENGTH },
    // Fastify would run the GET handler for HEAD and drain what it sends; an event stream never ends.
    exposeHeadRoutes: false,
    // An address that cannot be decoded never meets the hooks.
    frameworkErrors: (error, request, reply) => void (refuse(request, reply) ?? answerError(error, request, reply)),
    // A server that is given answers these from its first moment on.
    clientErrorHandler: serve === undefined ? answerClientError : () => undefined,
  });
  app.addHook('onRequest', (request, reply, done) => {
    if (refuse(request, reply) === null) done();
  });
  void app.register(helmet, SECURITY_HEADERS);
  app.removeContentTypeParser('text/plain');
  app.setErrorHandler(answerError);

  const keys = keysInHand(deps.desk);
  const levers = { ...deps, desk: keys.desk };
  const measured = processMetrics();
  const stream = streamRoute(deps);
  const searching = logSearchRoutes(deps);
  app.addHook('preClose', (done) => {
    stream.close();
    searching.close();
    done();
  });
  app.addHook('onClose', () => measured.close());
  const routes = [
    ...systemRoutes(deps, [...measured.metrics, ...stream.metrics]),
    ...logRoutes(deps),
    stream.route,
    socketRoute,
    ...commandRoutes(levers, keys),
    ...runRoutes(deps),
    ...logLineRoutes(deps),
    ...logMarkRoutes(deps),
    ...searching.routes,
    paceRoute(deps),
    ...aliasRoutes(levers),
  ];
  const all = [...routes, ...documentRoutes(routes, deps.version)];
  for (const entry of all) register(app, entry);
  serveWebRoot(app, deps.webRoot, nothingHere(all));
  return app;
}

function register(app: FastifyInstance, { method, head = false, path, handle }: Route): void {
  app.route({
    method,
    exposeHeadRoute: head,
    url: path,
    handler: async (request, reply) => {
      reply.header('cache-control', 'no-store');
      return handle(request, reply);
    },
  });
}

function documentRoutes(routes: readonly Route[], version: string): Route[] {
  const document = (path: string, id: string, summary: string, make: () => object): Route =>
    route({
      method: 'GET',
      path,
      id,
      summary,
      answers: { 200: { description: 'The document.', schema: z.looseObject({}) } },
      answer: make,
    });
  const own = [document('/api/v1/asyncapi.json', 'asyncapi', 'The WebSocket, as AsyncAPI.', asyncapi)];
  return [...own, document('/api/v1/openapi.json', 'openapi', 'These routes, as OpenAPI.', () => openapi([...routes, ...own], version))];
}

/** Fits a Vite build with fonts of its own; 'self' in connect-src covers the WebSocket of the same origin. */
const SECURITY_HEADERS = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      // `style` attributes of the templates; style elements and foreign sheets stay out.
      styleSrcAttr: ["'unsafe-inline'"],
      imgSrc: ["'self'", 'data:'],
      fontSrc: ["'self'"],
      connectSrc: ["'self'"],
      manifestSrc: ["'self'"],
      workerSrc: ["'self'"],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
      // No upgrade-insecure-requests: on a plain-http LAN it blanks the page.
    },
  },
  // Plain http is a supported way to run it; a proxy with TLS sets its own.
  strictTransportSecurity: false,
  referrerPolicy: { policy: 'no-referrer' },
  frameguard: { action: 'deny' },
} as const;
