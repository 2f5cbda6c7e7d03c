/** Asks every node of the tier, from the server; `$NODE` in the address tells them apart. A tier without nodes is asked once. */
import type { Outcome } from '../../../src/shared/protocol/outcome.ts';
import type { GateConfig } from '../../config/config.ts';
import { answerWithin } from './answer_within.ts';
import type { GateWork } from './gate_run.ts';
import { projectConfig, tierConfig } from './project_config.ts';
import { interpolate } from './script_env.ts';

export async function httpCheck(
  gate: Extract<GateConfig, { kind: 'http_check' }>,
  { effect, deps, signal, output, values: common }: GateWork,
): Promise<Outcome> {
  const began = deps.clock.steady();
  const nodes = tierConfig(projectConfig(deps, effect.project), effect.tier).nodes.map((node) => node.id as string);
  for (const node of nodes.length === 0 ? [''] : nodes) {
    const values = { ...common, NODE: node };
    const url = interpolate(gate.http, values);
    const expect = gate.expect === null ? undefined : interpolate(gate.expect, values);
    const answer = await answerWithin({ url, expect, within_ms: gate.within_ms, clock: deps.clock, probe: deps.probe, signal, output });
    if (!answer.ok) {
      const elapsed_s = (deps.clock.steady() - began) / 1000;
      return {
        status: 'failed',
        elapsed_s,
        classification: { type: 'http', url, message: answer.detail, suspect: 'unknown' },
        excerpt: [answer.detail],
      };
    }
  }
  return { status: 'passed', elapsed_s: (deps.clock.steady() - began) / 1000 };
}
