/**
 * The effects a state owes: everything that runs in it. Computed, never remembered, so that a crash forgets nothing. The engine does what is
 * owed and not yet under way, and ends what is under way and no longer owed: that is how a newer push, a cancel or a rollback stops a process.
 */
import type { ProjectState, State } from '../../src/shared/fold/state.ts';
import { PROCESS_GATES } from '../../src/shared/fold/topology.ts';
import type { GateId, Instant, NodeId, ProjectId, RunId, Sha, TierId, Version } from '../../src/shared/protocol/ids.ts';

interface Owed {
  run_id: RunId;
  project: ProjectId;
  version: Version;
  sha: Sha;
  started_at: Instant;
}
export type Effect =
  /** `first_run_id`: of the attempts of one build, which share a version. */
  | (Owed & { type: 'build'; first_run_id: RunId })
  | (Owed & { type: 'gate'; tier: TierId; gate: GateId })
  | (Owed & { type: 'burn_in'; tier: TierId; until: Instant })
  | (Owed & { type: 'deploy'; tier: TierId; node: NodeId; seq_no: number });

export function pending(state: State): Effect[] {
  return state.projects.flatMap(ofProject);
}

function ofProject(project: ProjectState): Effect[] {
  const effects: Effect[] = [];
  const { build } = project;
  if (build?.status === 'running' && build.run_id > 0) {
    effects.push({
      type: 'build',
      project: project.id,
      run_id: build.run_id,
      first_run_id: build.first_run_id ?? build.run_id,
      version: build.version,
      sha: build.sha,
      started_at: build.started_at,
    });
  }
  for (const tier of project.tiers) {
    const current = tier.current;
    for (const gate of tier.gates) {
      const state = current?.gates[gate.id];
      if (current == null || state === undefined) continue;
      const owed = { project: project.id, tier: tier.id, version: current.version, sha: current.sha };
      if (state.status === 'burning_in')
        effects.push({ type: 'burn_in', ...owed, run_id: state.run_id, started_at: state.started_at, until: state.until });
      if (state.status === 'running' && PROCESS_GATES.has(gate.kind))
        effects.push({ type: 'gate', ...owed, run_id: state.run_id, started_at: state.started_at, gate: gate.id });
    }
    for (const { id, deploy } of tier.nodes) {
      const sha = tier.move?.sha ?? project.releases.find((r) => r.version === deploy?.version)?.sha;
      if (deploy?.status !== 'running' || deploy.run_id === 0 || sha === undefined) continue;
      effects.push({
        type: 'deploy',
        project: project.id,
        tier: tier.id,
        node: id,
        run_id: deploy.run_id,
        version: deploy.version,
        sha,
        started_at: deploy.started_at,
        seq_no: deploy.seq_no,
      });
    }
  }
  return effects;
}
