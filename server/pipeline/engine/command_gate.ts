/** Runs the script in the release's build workspace; test reports, when named, tell more than an exit code. */
import { createReadStream } from 'node:fs';
import { access, glob, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Outcome } from '../../../src/shared/protocol/outcome.ts';
import type { GateConfig } from '../../config/config.ts';
import { Failure } from '../../failure.ts';
import { classify, testCounts } from '../../reports/classify.ts';
import { JUnitError, mergeJunit, readJunit, type JUnitSummary } from '../../reports/junit.ts';
import type { GateWork } from './gate_run.ts';
import type { RunOutput } from './run_output.ts';
import { workspaceOf } from './workspace.ts';

/** File times may be coarser than the clock. */
const MTIME_SLACK_MS = 1000;

export async function commandGate(
  gate: Extract<GateConfig, { kind: 'command' }>,
  { effect, deps, signal, output, env }: GateWork,
): Promise<Outcome> {
  const cwd = workspaceOf(deps, effect.project, effect.version);
  await access(cwd).catch((cause: unknown) => {
    throw new Failure('gone', `The build workspace of ${effect.version} is gone. Rebuild the commit to run ${gate.id} again.`, { cause });
  });
  await output.say(`${gate.id} of ${effect.version}: ${gate.run}`);
  const began = deps.clock.now();
  const { end, elapsed_s } = await deps.runner.spawn({
    name: gate.id,
    script: gate.run,
    cwd,
    env,
    timeout_ms: gate.timeout_ms,
    output: output.write,
    signal,
  });
  const reports = gate.junit === null ? null : await junitOf({ cwd, pattern: gate.junit, since: began }, output);
  const evidence = { tail: await output.end(), ...(reports === null ? {} : { junit: reports }) };
  if (end.type === 'exit' && end.code === 0) {
    const tests = testCounts(evidence.tail, evidence.junit);
    return { status: 'passed', elapsed_s, ...(tests === null ? {} : { tests }) };
  }
  const { classification, excerpt } = classify({ end, ...evidence });
  return { status: 'failed', elapsed_s, classification, excerpt };
}

/** A report that cannot be read is said in the log and counts as none: the exit code still decides. */
async function junitOf(
  { cwd, pattern, since }: { cwd: string; pattern: string; since: number },
  output: RunOutput,
): Promise<JUnitSummary | null> {
  const found: JUnitSummary[] = [];
  for await (const file of glob(pattern, { cwd })) {
    try {
      // An earlier attempt left its report in the same workspace.
      if ((await stat(join(cwd, file))).mtimeMs < since - MTIME_SLACK_MS) continue;
      found.push(await readJunit(createReadStream(join(cwd, file)), output.masked));
    } catch (error) {
      if (!(error instanceof JUnitError) && !(error instanceof Error && 'code' in error)) throw error;
      await output.say(`${file} is not a test report that can be read: ${error.message}`);
    }
  }
  return found.length === 0 ? null : mergeJunit(found);
}
