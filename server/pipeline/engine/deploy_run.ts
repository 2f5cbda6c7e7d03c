/** A deploy of one release on one node. When it does not end well, the node is asked what it runs now: the state never guesses. */
import { nodeVersion } from '../../../src/shared/fold/nodes.ts';
import { findProject, findTier } from '../../../src/shared/fold/select.ts';
import type { DeployFailure } from '../../../src/shared/protocol/outcome.ts';
import type { DeployJob, DeployResult } from '../../deploy/port.ts';
import type { Effect } from '../pending.ts';
import type { Fact } from '../intent.ts';
import { observe } from './observe.ts';
import type { EngineDeps } from './ports.ts';
import { nodeTarget } from './node_target.ts';
import { nodeConfig, projectConfig, tierConfig } from './project_config.ts';
import { classifyError, RunOutput } from './run_output.ts';

type DeployEffect = Extract<Effect, { type: 'deploy' }>;

export async function deployRun(effect: DeployEffect, deps: EngineDeps, signal: AbortSignal): Promise<Fact[]> {
  const began = deps.clock.steady();
  const about = { fact: 'deploy_ended' as const, project: effect.project, run_id: effect.run_id };
  const elapsed = (): number => (deps.clock.steady() - began) / 1000;
  let output: RunOutput | null = null;
  try {
    const secrets = deps.secrets(effect.project);
    const project = projectConfig(deps, effect.project);
    const masked = (text: string): string => deps.logs.masked(text, Object.values(secrets));
    const target = nodeTarget(project, secrets, effect.tier, nodeConfig(tierConfig(project, effect.tier), effect.node), effect, masked);
    output = await RunOutput.open(deps.logs, { run_id: effect.run_id, project: effect.project, type: 'deploy' }, Object.values(secrets));
    const keep = keptOn(deps, effect, project.keep_releases);
    const result = await put(effect, { node: target, keep }, deps, signal, output);
    const log = await output.close();
    if (result.ok) return [{ ...about, elapsed_s: elapsed(), log, failure: null, excerpt: [] }];
    if ('aborted' in result) return [];
    const excerpt = excerptOf(result.failure);
    return [{ ...about, elapsed_s: elapsed(), log, failure: result.failure, excerpt }, ...(await whatRunsNow(effect, deps))];
  } catch (error) {
    if (!signal.aborted) deps.report(`deploy ${effect.run_id} on ${effect.node} could not be done`, error);
    const { excerpt } = classifyError(error);
    if (output !== null) await output.say(excerpt.join(' '));
    const log = (await output?.close()) ?? null;
    return [{ ...about, elapsed_s: elapsed(), log, failure: { type: 'command', message: excerpt.join(' ') }, excerpt }];
  } finally {
    await output?.close();
  }
}

/** A node that left the config meanwhile cannot be asked; that does not change why the deploy failed. */
async function whatRunsNow(effect: DeployEffect, deps: EngineDeps): Promise<Fact[]> {
  try {
    return await observe(deps, effect, 'always');
  } catch (error) {
    deps.report(`${effect.node} could not be asked what it runs after deploy ${effect.run_id} failed`, error);
    return [];
  }
}

/** What the node answered says more than the sentence about it. */
function excerptOf({ type, got, message }: DeployFailure): string[] {
  if (type === 'health_check' && got !== undefined) return [got];
  return message === undefined ? [] : [message];
}

async function put(
  effect: DeployEffect,
  { node, keep }: Pick<DeployJob, 'node' | 'keep'>,
  deps: EngineDeps,
  signal: AbortSignal,
  output: RunOutput,
): Promise<DeployResult> {
  await output.say(`Deploying ${effect.version} to ${effect.node} of ${effect.tier}`);
  return deps.transport.deploy({
    project: effect.project,
    tier: effect.tier,
    node,
    version: effect.version,
    sha: effect.sha,
    fence: { generation: deps.generation, seq_no: effect.seq_no },
    keep,
    output: output.write,
    say: (line) => output.say(line),
    signal,
  });
}

/** A node keeps what is in use, and beside it the newest of what a rollback can return to; an older one would be copied anew. */
function keptOn(deps: EngineDeps, effect: DeployEffect, others: number): ReadonlySet<string> {
  const project = findProject(deps.recording.state(), effect.project);
  const tier = project === undefined ? undefined : findTier(project, effect.tier);
  const node = tier?.nodes.find(({ id }) => id === effect.node);
  const { current, next, intended, move, completed = [] } = tier ?? {};
  const used = [effect.version, current?.version, current?.before, next?.version, intended?.version, move?.from, node && nodeVersion(node)];
  const kept = new Set<string>(used.filter((version) => version != null));
  return new Set([...kept, ...completed.filter((version) => !kept.has(version)).slice(0, others)]);
}
