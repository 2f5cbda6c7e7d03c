/** A gate that runs: a command in the build workspace, a boot smoke in the release folder on a free port, an HTTP check from here. */
import type { Outcome } from '../../../src/shared/protocol/outcome.ts';
import type { GateConfig } from '../../config/config.ts';
import type { Effect } from '../pending.ts';
import type { Fact, RunLogFields } from '../intent.ts';
import { bootSmoke } from './boot_smoke.ts';
import { commandGate } from './command_gate.ts';
import { httpCheck } from './http_check.ts';
import type { EngineDeps } from './ports.ts';
import { gateConfig, projectConfig, tierConfig } from './project_config.ts';
import { classifyError, logOf, RunOutput } from './run_output.ts';
import { scriptEnv } from './script_env.ts';

export type GateEffect = Extract<Effect, { type: 'gate' }>;

/** What each kind is handed. */
export interface GateWork {
  effect: GateEffect;
  deps: EngineDeps;
  signal: AbortSignal;
  output: RunOutput;
  /** What its script gets. */
  env: Record<string, string>;
  /** What its address may hold. */
  values: Record<string, string>;
}

export async function gateRun(effect: GateEffect, deps: EngineDeps, signal: AbortSignal): Promise<Fact[]> {
  const ended = (outcome: Outcome): Fact[] => [{ fact: 'gate_ended', project: effect.project, run_id: effect.run_id, outcome }];
  let output: RunOutput | null = null;
  try {
    const project = projectConfig(deps, effect.project);
    const gate = gateConfig(tierConfig(project, effect.tier), effect.gate);
    const secrets = deps.secrets(effect.project);
    output = await RunOutput.open(deps.logs, { run_id: effect.run_id, project: effect.project, type: 'gate' }, Object.values(secrets));
    const about = { ...effect, release: deps.releases.path(effect.project, effect.version) };
    const env = scriptEnv(project, secrets, about);
    const outcome = await run(gate, { effect, deps, signal, output, env, values: scriptEnv(project, {}, about) });
    return ended(withLog(outcome, effect.run_id, await output.close()));
  } catch (error) {
    if (!signal.aborted) deps.report(`gate ${effect.gate} of ${effect.project} (run ${effect.run_id}) could not be run`, error);
    const { classification, excerpt } = classifyError(error);
    if (output === null) return ended({ status: 'failed', classification, excerpt });
    await output.say(excerpt.join(' '));
    return ended(withLog({ status: 'failed', classification, excerpt }, effect.run_id, await output.close()));
  } finally {
    await output?.close();
  }
}

function withLog(outcome: Outcome, run_id: number, log: RunLogFields): Outcome {
  return outcome.status === 'blocked' ? outcome : { ...outcome, ...logOf(run_id, log) };
}

function run(gate: GateConfig, work: GateWork): Promise<Outcome> {
  switch (gate.kind) {
    case 'command':
      return commandGate(gate, work);
    case 'boot_smoke':
      return bootSmoke(gate, work);
    case 'http_check':
      return httpCheck(gate, work);
    case 'burn_in':
    case 'manual_confirm':
      throw new Error(`${gate.kind} runs no process`);
    default:
      return gate satisfies never;
  }
}
