/**
 * Asks a node what it runs: the release its `current` names, and whether that answers. One that was known to run something and names nothing any more is
 * told as one that does not answer, because what was known no longer holds.
 */
import { findProject, findTier } from '../../../src/shared/fold/select.ts';
import type { NodeState } from '../../../src/shared/fold/state.ts';
import { Version, type NodeId, type ProjectId, type TierId } from '../../../src/shared/protocol/ids.ts';
import type { EventOf } from '../../../src/shared/protocol/events/event.ts';
import type { Fact } from '../intent.ts';
import type { EngineDeps } from './ports.ts';
import { nodeTarget } from './node_target.ts';
import { nodeConfig, projectConfig, tierConfig } from './project_config.ts';

const ONE_ANSWER_MS = 2000;
/** An unchanged answer is recorded this often, so that "checked 8 min ago" stays true without filling the log. */
const UNCHANGED_EVERY_MS = 600_000;

export async function observe(
  deps: EngineDeps,
  at: { project: ProjectId; tier: TierId; node: NodeId },
  when: 'always' | 'changed',
  signal: AbortSignal = AbortSignal.timeout(2 * ONE_ANSWER_MS),
): Promise<Fact[]> {
  const before = nodeState(deps, at);
  const event = await ask(deps, at, before, signal);
  if (event === null || signal.aborted || (when === 'changed' && !isNews(before, event, deps.clock.now()))) return [];
  // The node may have been given another release while it was being asked.
  return [{ fact: 'observed', project: at.project, event, asked_after: before?.deploy?.seq_no ?? 0 }];
}

function nodeState(deps: EngineDeps, at: { project: string; tier: string; node: string }): NodeState | undefined {
  const project = findProject(deps.recording.state(), at.project);
  return (project === undefined ? undefined : findTier(project, at.tier))?.nodes.find((node) => node.id === at.node);
}

async function ask(
  deps: EngineDeps,
  at: { project: string; tier: TierId; node: NodeId },
  before: NodeState | undefined,
  signal: AbortSignal,
): Promise<EventOf<'node_observed'> | null> {
  const project = projectConfig(deps, at.project);
  const config = nodeConfig(tierConfig(project, at.tier), at.node);
  const masked = maskedOf(deps, at.project);
  const bare = nodeTarget(project, {}, at.tier, config, { version: '', sha: '' }, masked);
  const named = await deps.transport.current(bare);
  const current = Version.safeParse(named);
  const about = { kind: 'node_observed' as const, tier: at.tier, node: at.node };
  if (!current.success)
    return hasRun(before) ? { ...about, status: 'unreachable', detail: whyUnknown(named), checked_at: now(deps) } : null;
  const version = current.data;
  const sha = findProject(deps.recording.state(), at.project)?.releases.find((release) => release.version === version)?.sha ?? '';
  const { health } = nodeTarget(project, {}, at.tier, config, { version, sha }, masked);
  if (health === undefined) return { ...about, version, status: 'answers', detail: 'no health check is configured', checked_at: now(deps) };
  const answered = await deps.probe({ ...health, timeout_ms: ONE_ANSWER_MS }, signal);
  return { ...about, version, status: answered.status, detail: answered.detail, checked_at: now(deps) };
}

/** What cannot be compared with the secrets, because they cannot be had now, is not told. */
function maskedOf(deps: EngineDeps, project: string): (text: string) => string {
  return (text) => {
    try {
      return deps.logs.masked(text, Object.values(deps.secrets(project)));
    } catch {
      return '***';
    }
  };
}

function hasRun(node: NodeState | undefined): boolean {
  return node !== undefined && (node.observed !== null || node.deployed !== null);
}

function whyUnknown(named: string | null | undefined): string {
  if (named === null) return 'it has no link `current`';
  return named === undefined ? 'its folder or its link `current` cannot be read' : 'its link `current` names no release';
}

function now(deps: EngineDeps): string {
  return new Date(deps.clock.now()).toISOString();
}

function isNews(before: NodeState | undefined, event: EventOf<'node_observed'>, at: number): boolean {
  const seen = before?.observed;
  if (seen == null || seen.status !== event.status || seen.version !== (event.version ?? null)) return true;
  return at - Date.parse(seen.checked_at) >= UNCHANGED_EVERY_MS;
}
