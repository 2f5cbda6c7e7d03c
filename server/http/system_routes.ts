/** Is it alive, is it ready, what is it, how is it. */
import { z } from 'zod';
import { FOLD_VERSION } from '../../src/shared/fold/state.ts';
import { PROTOCOL_VERSION } from '../../src/shared/protocol/version.ts';
import type { HttpDeps, Metric } from './deps.ts';
import { problem, sendProblem } from './problem.ts';
import { exposition, METRICS_TYPE } from './prometheus.ts';
import { route, type Route } from './route.ts';

const Ok = z.object({ status: z.literal('ok') });
const Versions = z.object({ version: z.string(), boot_id: z.string(), protocol: z.int(), fold_version: z.int(), node: z.string() });

export function systemRoutes(deps: HttpDeps, own: readonly Metric[]): Route[] {
  const log: Metric[] = [
    { name: 'signalbox_log_head_seq_no', help: 'seq_no of the last stored event.', type: 'gauge', read: () => deps.log.bounds().head },
    {
      name: 'signalbox_log_floor_seq_no',
      help: 'seq_no before the first retained event.',
      type: 'gauge',
      read: () => deps.log.bounds().floor,
    },
  ];
  return [
    route({
      method: 'GET',
      head: true,
      path: '/healthz',
      id: 'healthz',
      summary: 'The process answers.',
      answers: { 200: { description: 'It does.', schema: Ok } },
      answer: () => ({ status: 'ok' }),
    }),
    route({
      method: 'GET',
      head: true,
      path: '/readyz',
      id: 'readyz',
      summary: 'The server takes commands; 503 with the reason when not, and with `progress` while it reads its history at the start.',
      answers: { 200: { description: 'Ready.', schema: Ok } },
      answer: ({ reply }) => {
        const { ok, why } = deps.ready();
        return ok ? { status: 'ok' } : sendProblem(reply, problem(503, 'unavailable', why ?? 'The server is not ready yet.'));
      },
    }),
    route({
      method: 'GET',
      head: true,
      path: '/version',
      id: 'version',
      summary: 'Versions of the server, its protocol and its fold.',
      answers: { 200: { description: 'Versions.', schema: Versions } },
      answer: () => ({
        version: deps.version,
        boot_id: deps.bootId,
        protocol: PROTOCOL_VERSION,
        fold_version: FOLD_VERSION,
        node: process.versions.node,
      }),
    }),
    route({
      method: 'GET',
      path: '/metrics',
      id: 'metrics',
      summary: 'Metrics for Prometheus.',
      answers: { 200: { description: 'Text exposition.', type: METRICS_TYPE } },
      answer: ({ reply }) => reply.type(METRICS_TYPE).send(exposition([...own, ...log, ...deps.metrics])),
    }),
  ];
}
