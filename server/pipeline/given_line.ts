/** Test support: lines to tell stories on, and names for their commits. `given.ts` tells the stories. */
import assert from 'node:assert/strict';
import type { CanaryPolicy, GateKind } from '../../src/shared/fold/topology.ts';
import type { EventOf } from '../../src/shared/protocol/events/event.ts';
import { Sha } from '../../src/shared/protocol/ids.ts';
import type { Decision, Draft, Intent, ResolvedCommit } from './intent.ts';

export interface TierSpec {
  id: string;
  auto_promote?: boolean;
  canary?: CanaryPolicy;
  nodes?: readonly string[];
  gates?: readonly { id: string; kind: GateKind; for_s?: number; approvals?: number; retry_interrupted?: number }[];
}
export const HOST: TierSpec = {
  id: 'host',
  gates: [
    { id: 'unit_tests', kind: 'command' },
    { id: 'boot_smoke', kind: 'boot_smoke' },
  ],
};
/** A first tier without gates. */
export const PLAIN_HOST: TierSpec = { id: 'host' };
export const STAGING: TierSpec = {
  id: 'staging',
  nodes: ['staging-1', 'staging-2'],
  gates: [
    { id: 'burn_in', kind: 'burn_in', for_s: 1800 },
    { id: 'manual_confirm', kind: 'manual_confirm' },
  ],
};
export const PRODUCTION: TierSpec = { id: 'production', nodes: ['prod-1', 'prod-2'] };

/** `a1` stands for the commit whose name begins with it. */
export function shaOf(short: string): Sha {
  return Sha.parse(short.padEnd(40, '0'));
}

/** The version that a build of the commit gets when it declares 1.0.0. */
export function versionOf(short: string): string {
  return `1.0.0+g${shaOf(short).slice(0, 7)}`;
}

export function commitOf(sha: string): ResolvedCommit {
  return { sha, declared: '1.0.0', subject: `change ${sha.slice(0, 7)}`, author: 'Ben' };
}

/** The whole line as the config draws it. */
export function lineDrawn(action: 'created' | 'updated', project: string, tiers: readonly TierSpec[], builds_again = 0): EventOf<'entity'> {
  const build = builds_again === 0 ? {} : { build: { retry_interrupted: builds_again } };
  const data = { branch: 'main', ...build, tiers: tiers.map(tierData) };
  return { kind: 'entity', action, entity_type: 'project', entity_id: project, data };
}

function tierData({ id, auto_promote = true, canary = 'sequential', nodes = [], gates = [] }: TierSpec): Record<string, unknown> {
  return { id, auto_promote, canary, nodes: nodes.map((node) => ({ id: node, health: 'probed' })), gates };
}

export function found<T>(value: T | undefined, what: string): T {
  assert.ok(value !== undefined, `there is no ${what}`);
  return value;
}

export function refusalDraft(intent: Intent, { project, refusal }: Extract<Decision, { type: 'refused' }>): Draft {
  const { command, ...rest } = intent.type === 'command' ? intent.command : { command: 'none' };
  const place = {
    ...('tier' in rest ? { tier: rest.tier } : {}),
    ...('version' in rest && rest.version !== undefined ? { version: rest.version } : {}),
    ...('run_id' in rest ? { run_id: rest.run_id } : {}),
  };
  return { project, event: { kind: 'command_refused', command, code: refusal.code, message: refusal.message, ...place } };
}
