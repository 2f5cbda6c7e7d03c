/** Nodes: what a deploy put on them, and what they answered. */
import { inNode, inTier, openRun, settleRun } from './change.ts';
import { putRun } from './runs.ts';
import type { NodeState, ProjectState } from './state.ts';
import type { EnvelopeOf } from '../protocol/envelope.ts';

export function onDeployStart(project: ProjectState, e: EnvelopeOf<'deploy_start'>): ProjectState {
  const run_id = e.run_id ?? 0;
  const onNode = inTier(project, e.tier, (tier) =>
    inNode(tier, e.node, (node) => ({
      ...node,
      deploy: { run_id, version: e.version, status: 'running', seq_no: e.seq_no, started_at: e.at, failure: null },
    })),
  );
  if (run_id === 0) return onNode;
  return putRun(onNode, {
    run_id,
    type: 'deploy',
    version: e.version,
    sha: e.sha ?? null,
    tier: e.tier,
    gate: null,
    gate_kind: null,
    node: e.node,
    attempt: e.attempt ?? 1,
    status: 'running',
    started_at: e.at,
    ended_at: null,
    why: null,
    excerpt: [],
    cancelled: null,
    log: null,
    tests: null,
  });
}

/** Is this the word of the node's latest deploy, still open? */
function isOpen(node: NodeState, e: { version: string; run_id?: number | undefined }): boolean {
  return (
    node.deploy?.status === 'running' && node.deploy.version === e.version && (e.run_id === undefined || node.deploy.run_id === e.run_id)
  );
}

export function onDeployOk(project: ProjectState, e: EnvelopeOf<'deploy_ok'>): ProjectState {
  const run = openRun(project, e.run_id);
  const settled = run === undefined ? project : settleRun(project, run, e, { status: 'passed', log: e, elapsed_s: e.elapsed_s });
  return inTier(settled, e.tier, (tier) =>
    inNode(tier, e.node, (node) => {
      if (!isOpen(node, e) || node.deploy === null) return node;
      return {
        ...node,
        deploy: { ...node.deploy, status: 'ok' },
        deployed: { version: e.version, at: e.at, run_id: e.run_id ?? null },
        // Its last step was the health check, so this is an answer, not a guess.
        observed:
          node.health === 'none'
            ? null
            : { status: node.health === 'probed' ? 'matching' : 'answers', version: e.version, detail: null, checked_at: e.at },
      };
    }),
  );
}

export function onDeployFailed(project: ProjectState, e: EnvelopeOf<'deploy_failed'>): ProjectState {
  const run = openRun(project, e.run_id);
  const settled =
    run === undefined ? project : settleRun(project, run, e, { status: 'failed', why: e.failure, excerpt: e.excerpt, log: e });
  return inTier(settled, e.tier, (tier) =>
    inNode(tier, e.node, (node) => {
      if (!isOpen(node, e) || node.deploy === null) return node;
      // What it runs now is not known until it is asked.
      return { ...node, deployed: null, observed: null, deploy: { ...node.deploy, status: 'failed', failure: e.failure } };
    }),
  );
}

export function onNodeObserved(project: ProjectState, e: EnvelopeOf<'node_observed'>): ProjectState {
  return inTier(project, e.tier, (tier) =>
    inNode(tier, e.node, (node) => ({
      ...node,
      observed: { status: e.status, version: e.version ?? null, detail: e.detail ?? null, checked_at: e.checked_at },
    })),
  );
}
