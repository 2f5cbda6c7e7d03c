/**
 * The older API's paths, for clients that know only one project: they work when exactly one is configured, with neither key nor `expect`.
 * A client that names nobody is recorded as `local:unnamed`.
 */
import { z } from 'zod';
import { FOLD_VERSION } from '../../src/shared/fold/state.ts';
import { commandBodies, type CommandName } from '../../src/shared/protocol/commands.ts';
import { GateId, TierId, Version, type ProjectId, type RunId } from '../../src/shared/protocol/ids.ts';
import { Failure } from '../failure.ts';
import { ACCEPTED } from './command_routes.ts';
import type { HttpDeps } from './deps.ts';
import { route, type Route } from './route.ts';
import type { RunQuery } from './run_index_port.ts';
import { sendLog } from './run_log.ts';
import { submit } from './submit.ts';

const PAGE_RUNS = 200;
const PAGES_MOST = 20;
const ofNothing = z.object({});
const ofTier = z.object({ tier: TierId });

/** @throws Failure `not_found` when there is not exactly one. */
function onlyProject(deps: HttpDeps): ProjectId {
  const [first, ...others] = deps.config().projects;
  if (first === undefined || others.length > 0)
    throw new Failure('not_found', 'This path works when one project is configured. Use /api/v1/projects/<project>/… instead.');
  return first.id;
}

async function newestGateRun(
  deps: HttpDeps,
  wanted: { project: ProjectId; version: string; gate: string; tier?: string | undefined },
): Promise<RunId> {
  let query: RunQuery = { project: wanted.project, type: 'gate', limit: PAGE_RUNS };
  for (let page = 0; page < PAGES_MOST; page++) {
    const runs = await deps.runs.list(query);
    const run = runs.find(
      ({ version, gate, tier }) =>
        version === wanted.version && gate === wanted.gate && (wanted.tier === undefined || tier === wanted.tier),
    );
    if (run !== undefined) return run.run_id;
    const last = runs.at(-1);
    if (last === undefined || runs.length < PAGE_RUNS) break;
    query = { ...query, before: last.run_id };
  }
  throw new Failure('not_found', `No run of gate ${wanted.gate} is known for ${wanted.version}.`);
}

export function aliasRoutes(deps: HttpDeps): Route[] {
  const lever = (command: CommandName, path: string, params: typeof ofTier | typeof ofNothing): Route =>
    route({
      method: 'POST',
      path,
      id: `older_${command}`,
      summary: `As /api/v1/projects/<project>${path}.`,
      params,
      body: commandBodies[command],
      answers: ACCEPTED,
      answer: ({ params: names, body, request, reply }) =>
        submit(deps, { command, path: { project: onlyProject(deps), ...names }, body, older: true }, request, reply),
    });
  return [
    route({
      method: 'GET',
      path: '/state',
      id: 'older_state',
      summary: 'As /api/v1/state.',
      answers: { 200: { description: 'The fold of the log.', schema: z.looseObject({ seq_no: z.int() }) } },
      answer: () => {
        onlyProject(deps);
        const state = deps.recording.state();
        return { epoch: deps.log.bounds().epoch, seq_no: state.seq_no, fold_version: FOLD_VERSION, state };
      },
    }),
    lever('rebuild', '/rebuild', ofNothing),
    lever('promote', '/promote/:tier', ofTier),
    lever('rollback', '/rollback/:tier', ofTier),
    lever('confirm', '/confirm/:tier', ofTier),
    route({
      method: 'GET',
      path: '/logs/:version/:gate',
      id: 'older_log',
      summary: 'The log of the newest run of a gate for a version.',
      params: z.object({ version: Version, gate: GateId }),
      query: z.object({ tier: z.optional(TierId) }),
      answers: { 200: { description: 'The log.', type: 'text/plain' } },
      answer: async ({ params, query, request, reply }) => {
        const run_id = await newestGateRun(deps, { project: onlyProject(deps), ...params, tier: query.tier });
        return sendLog(deps.logs, run_id, { download: false, part: {} }, request, reply);
      },
    }),
  ];
}
