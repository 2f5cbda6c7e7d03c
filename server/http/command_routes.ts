/** The levers. */
import { z } from 'zod';
import { Answer, commandBodies, type CommandName } from '../../src/shared/protocol/commands.ts';
import { GateId, IdempotencyKey, ProjectId, TierId } from '../../src/shared/protocol/ids.ts';
import { Failure } from '../failure.ts';
import type { HttpDeps } from './deps.ts';
import type { KeysInHand } from './keys_in_hand.ts';
import { route, runIdInPath, type Route, type RouteDoc } from './route.ts';
import { KEY_HEADER, submit } from './submit.ts';

const ofProject = z.object({ project: ProjectId });
const ofTier = z.object({ project: ProjectId, tier: TierId });
const ofGate = z.object({ project: ProjectId, tier: TierId, gate: GateId });
const ofRun = z.object({ run_id: runIdInPath });

export const ACTOR_DOC = { description: '`local:<name>` or `hook:<name>`, percent-encoded: who is recorded.', required: true };
const HEADERS = {
  [KEY_HEADER]: { description: 'A new one for each command, the same one when it is repeated.', required: true },
  'x-signalbox-actor': ACTOR_DOC,
};
export const ACCEPTED: RouteDoc['answers'] = {
  202: { description: 'Recorded; `seq_no` is its first event. A refusal is 409.', schema: Answer.def.options[0] },
};

export function commandRoutes(deps: HttpDeps, keys: Pick<KeysInHand, 'has'>): Route[] {
  const lever = (
    command: CommandName,
    path: string,
    params: typeof ofProject | typeof ofTier | typeof ofGate | typeof ofRun,
    summary: string,
  ): Route =>
    route({
      method: 'POST',
      path: `/api/v1${path}`,
      id: command,
      summary,
      headers: HEADERS,
      params,
      body: commandBodies[command],
      answers: ACCEPTED,
      answer: ({ params: names, body, request, reply }) => submit(deps, { command, path: names, body }, request, reply),
    });
  return [
    lever('rebuild', '/projects/:project/rebuild', ofProject, 'Build the head of the branch, or the commit named.'),
    lever('promote', '/projects/:project/promote/:tier', ofTier, 'Put a release into the tier.'),
    lever('confirm', '/projects/:project/confirm/:tier', ofTier, 'Say yes or no to the release that waits in the tier.'),
    lever('rollback', '/projects/:project/rollback/:tier', ofTier, 'Put the release before back on the tier.'),
    lever('lift_hold', '/projects/:project/lift-hold/:tier', ofTier, 'Let a held release enter again.'),
    lever('redeploy', '/projects/:project/redeploy/:tier', ofTier, 'Put the intended release on the nodes that do not run it.'),
    lever('retry_gate', '/projects/:project/gates/:tier/:gate/retry', ofGate, 'Run a failed gate again.'),
    lever('cancel_run', '/runs/:run_id/cancel', ofRun, 'Stop a run.'),
    route({
      method: 'GET',
      path: '/api/v1/commands/:key',
      id: 'command_status',
      summary: 'What became of a command of the last 24 hours. 503 `in_doubt` while it is worked on: ask again.',
      params: z.object({ key: IdempotencyKey }),
      answers: {
        200: { description: 'Applied, refused or unknown.', schema: z.union([Answer, z.object({ status: z.literal('unknown') })]) },
      },
      answer: ({ params: { key } }) => {
        const answer = deps.recording.answerOf(key);
        if (answer === null && keys.has(key)) throw new Failure('in_doubt', 'It is being worked on. Ask again in a moment.');
        return answer ?? { status: 'unknown' };
      },
    }),
  ];
}
