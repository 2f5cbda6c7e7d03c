/** What nodes run, and how that stands against what they should run. */
import type { NodeState, TierState } from './state.ts';
import type { Version } from '../protocol/ids.ts';

/** What the node runs as far as anybody knows; null when unknown or nothing. */
export function nodeVersion(node: NodeState): Version | null {
  return node.observed?.version ?? node.deployed?.version ?? null;
}

export type NodeView = 'empty' | 'deploying' | 'deployed' | 'matching' | 'differs' | 'failed' | 'unknown';

export function nodeView(tier: TierState, node: NodeState): NodeView {
  if (node.deploy?.status === 'running') return 'deploying';
  const version = nodeVersion(node);
  if (node.observed?.status === 'unreachable') return 'failed';
  if (node.deploy?.status === 'failed' && node.observed?.status !== 'matching') return 'failed';
  if (version === null) return tier.intended === null ? 'empty' : 'unknown';
  if (tier.intended !== null && version !== tier.intended.version) return 'differs';
  if (node.observed?.status === 'differs') return 'differs';
  return node.observed?.status === 'matching' ? 'matching' : 'deployed';
}

/** What a tier's nodes run: one entry a version, the most common first; null is unknown. */
export function plate(tier: TierState): { version: Version | null; count: number }[] {
  if (tier.nodes.length === 0) return tier.current === null ? [] : [{ version: tier.current.version, count: 0 }];
  const counts = new Map<Version | null, number>();
  for (const node of tier.nodes) {
    const version = nodeVersion(node);
    counts.set(version, (counts.get(version) ?? 0) + 1);
  }
  return [...counts].map(([version, count]) => ({ version, count })).sort((a, b) => b.count - a.count);
}

/** Nodes that should run the intended release and do not, or do not answer as it. */
export function deviatingNodes(tier: TierState, version: Version | undefined = tier.intended?.version): NodeState[] {
  if (version === undefined) return [];
  return tier.nodes.filter(
    (node) =>
      nodeVersion(node) !== version ||
      node.observed?.status === 'differs' ||
      node.observed?.status === 'unreachable' ||
      node.deploy?.status === 'failed' ||
      node.deploy?.status === 'cancelled',
  );
}

/** Nodes differ from what is intended, and nothing is under way that would change it. */
export function isMixed(tier: TierState): boolean {
  return tier.move === null && tier.intended !== null && tier.nodes.some((node) => nodeVersion(node) !== tier.intended?.version);
}
