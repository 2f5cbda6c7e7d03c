/** The config of a project as it is in force now. A run that begins after its project, tier or node left the config fails with a sentence. */
import type { GateConfig, NodeConfig, ProjectConfig, TierConfig } from '../../config/config.ts';
import { Failure } from '../../failure.ts';
import type { EngineDeps } from './ports.ts';

export function projectConfig({ config }: Pick<EngineDeps, 'config'>, id: string): ProjectConfig {
  const project = config().projects.find((p) => p.id === id);
  if (project === undefined) throw new Failure('not_found', `${id} is no longer in the config.`);
  return project;
}

export function tierConfig(project: ProjectConfig, id: string): TierConfig {
  const tier = project.tiers.find((t) => t.id === id);
  if (tier === undefined) throw new Failure('not_found', `${project.id} has no tier ${id} in the config any more.`);
  return tier;
}

export function gateConfig(tier: TierConfig, id: string): GateConfig {
  const gate = tier.gates.find((g) => g.id === id);
  if (gate === undefined) throw new Failure('not_found', `${tier.id} has no gate ${id} in the config any more.`);
  return gate;
}

export function nodeConfig(tier: TierConfig, id: string): NodeConfig {
  const node = tier.nodes.find((n) => n.id === id);
  if (node === undefined) throw new Failure('not_found', `${tier.id} has no node ${id} in the config any more.`);
  return node;
}
