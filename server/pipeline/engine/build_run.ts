/** A build: check out the commit into a workspace, run the script, keep the artifacts as a release folder. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Outcome } from '../../../src/shared/protocol/outcome.ts';
import { classify } from '../../reports/classify.ts';
import type { Effect } from '../pending.ts';
import type { Fact } from '../intent.ts';
import { baseOf } from '../version.ts';
import type { EngineDeps } from './ports.ts';
import { projectConfig } from './project_config.ts';
import { classifyError, RunOutput } from './run_output.ts';
import { scriptEnv } from './script_env.ts';
import { pruneWorkspaces, workspaceOf } from './workspace.ts';

export async function buildRun(effect: Extract<Effect, { type: 'build' }>, deps: EngineDeps, signal: AbortSignal): Promise<Fact[]> {
  const began = deps.clock.steady();
  const ended = (outcome: Outcome, log: { bytes: number; sha256: string } | null): Fact[] => [
    { fact: 'build_ended', project: effect.project, run_id: effect.run_id, elapsed_s: (deps.clock.steady() - began) / 1000, log, outcome },
  ];
  let output: RunOutput | null = null;
  try {
    const project = projectConfig(deps, effect.project);
    if (!(await deps.releases.claim(effect.project, effect.version, effect.first_run_id))) return [await versionTaken(effect, deps)];
    const secrets = deps.secrets(effect.project);
    output = await RunOutput.open(deps.logs, { run_id: effect.run_id, project: effect.project, type: 'build' }, Object.values(secrets));
    const outcome = await build(effect, deps, signal, output, project, secrets);
    return ended(outcome, await output.close());
  } catch (error) {
    if (!signal.aborted) deps.report(`build ${effect.run_id} of ${effect.project} could not be done`, error);
    const { classification, excerpt } = classifyError(error);
    if (output !== null) await output.say(excerpt.join(' '));
    return ended({ status: 'failed', classification, excerpt }, (await output?.close()) ?? null);
  } finally {
    await output?.close();
    if (signal.aborted) await rm(workspaceOf(deps, effect.project, effect.version), { recursive: true, force: true });
    await pruneWorkspaces(deps, effect.project);
  }
}

/** The state forgets old releases; the store does not. */
async function versionTaken(effect: Extract<Effect, { type: 'build' }>, { releases }: EngineDeps): Promise<Fact> {
  const base = baseOf(effect.version);
  const taken = [...(await releases.claimed(effect.project))].filter((version) => version.startsWith(base));
  return { fact: 'version_taken', project: effect.project, run_id: effect.run_id, taken };
}

async function build(
  effect: Extract<Effect, { type: 'build' }>,
  deps: EngineDeps,
  signal: AbortSignal,
  output: RunOutput,
  project: ReturnType<typeof projectConfig>,
  secrets: Readonly<Record<string, string>>,
): Promise<Outcome> {
  const workspace = workspaceOf(deps, effect.project, effect.version);
  await rm(workspace, { recursive: true, force: true });
  await mkdir(join(workspace, '..'), { recursive: true });
  await output.say(`Checking out ${effect.sha}`);
  await deps.repository(effect.project).checkout(effect.sha, workspace, signal);
  await output.say(`Building ${effect.version}: ${project.build.run}`);
  const { end, elapsed_s } = await deps.runner.spawn({
    name: `build of ${effect.project}`,
    script: project.build.run,
    cwd: workspace,
    env: scriptEnv(project, secrets, effect),
    timeout_ms: project.build.timeout_ms,
    output: output.write,
    signal,
  });
  if (end.type !== 'exit' || end.code !== 0) {
    const { classification, excerpt } = classify({ end, tail: await output.end() });
    return { status: 'failed', elapsed_s, classification, excerpt };
  }
  // The attempt before this one may have stored its files and died before anybody knew of them.
  if (effect.first_run_id !== effect.run_id) await deps.releases.discard(effect.project, effect.version);
  await deps.releases.store(effect.project, effect.version, workspace, project.build.artifacts);
  await output.say(`Release ${effect.version} stored`);
  return { status: 'passed', elapsed_s };
}
