/**
 * What of the config goes into the event log, and what changed of it. The rules and the screens know the line only from the log, so
 * that every screen and every replay sees the line as it was; scripts, paths and secrets stay out of it.
 */
import { createHash } from 'node:crypto';
import { ConfigError } from './config.ts';
import type { Config, GateConfig, ProjectConfig } from './config.ts';
import { isOccupied } from '../../src/shared/fold/select.ts';
import type { State } from '../../src/shared/fold/state.ts';
import type { ProjectTopology } from '../../src/shared/fold/topology.ts';
import type { EventOf } from '../../src/shared/protocol/events/event.ts';

type GateTopology = ProjectTopology['tiers'][number]['gates'][number];

/** Keys in a fixed order: the hash is made from it. */
export function topologyOf(project: ProjectConfig): ProjectTopology {
  return {
    branch: project.branch,
    ...(project.build.retry_interrupted === undefined ? {} : { build: { retry_interrupted: project.build.retry_interrupted } }),
    tiers: project.tiers.map((tier) => ({
      id: tier.id,
      auto_promote: tier.auto_promote,
      canary: tier.canary,
      gates: tier.gates.map(gateTopology),
      nodes: tier.nodes.map(({ id, health }) => ({ id, health: health === null ? 'none' : health.expect === null ? 'answers' : 'probed' })),
    })),
  };
}

function gateTopology(gate: GateConfig): GateTopology {
  const { id, kind } = gate;
  if (gate.kind === 'burn_in') return { id, kind, for_s: gate.for_ms / 1000 };
  if (gate.kind === 'manual_confirm') return { id, kind, approvals: gate.approvals };
  return { id, kind, ...(gate.retry_interrupted === undefined ? {} : { retry_interrupted: gate.retry_interrupted }) };
}

/** Hex SHA-256. */
export function topologyHash(topology: ProjectTopology | readonly ProjectTopology[]): string {
  return createHash('sha256').update(JSON.stringify(topology)).digest('hex');
}

/**
 * @param state what the log says.
 * @param config what the file says.
 * @returns the difference as events, none when nothing the log knows of has changed.
 * @throws ConfigError when a tier would go whose release is undecided.
 */
export function diffTopology(state: State, config: Config): EventOf<'entity'>[] {
  assertNothingOccupiedGoes(state, config);
  const gone = state.projects
    .filter(({ id }) => config.projects.every((project) => project.id !== id))
    .map(({ id }): EventOf<'entity'> => ({ kind: 'entity', action: 'deleted', entity_type: 'project', entity_id: id }));
  const changed = config.projects.flatMap((project): EventOf<'entity'>[] => {
    const before = state.projects.find(({ id }) => id === project.id);
    const data = topologyOf(project);
    const config_hash = topologyHash(data);
    if (before?.config_hash === config_hash) return [];
    return [
      {
        kind: 'entity',
        action: before === undefined ? 'created' : 'updated',
        entity_type: 'project',
        entity_id: project.id,
        data,
        config_hash,
      },
    ];
  });
  return [...gone, ...changed];
}

function assertNothingOccupiedGoes(state: State, config: Config): void {
  for (const project of state.projects) {
    const kept = config.projects.find(({ id }) => id === project.id)?.tiers ?? [];
    for (const tier of project.tiers) {
      if (kept.some(({ id }) => id === tier.id) || !isOccupied(tier)) continue;
      throw new ConfigError(
        `${config.file}: tier \`${tier.id}\` of \`${project.id}\` cannot be removed while ${tier.current?.version ?? 'a release'} is undecided in it. ` +
          'Put it back, let that release pass, cancel it or roll it back, then remove the tier.',
      );
    }
  }
}
