/** Starts the release on a free port and waits for the answer it must give; then ends it, whole group. */
import { createServer } from 'node:net';
import type { Outcome } from '../../../src/shared/protocol/outcome.ts';
import type { GateConfig } from '../../config/config.ts';
import { classify } from '../../reports/classify.ts';
import { answerWithin } from './answer_within.ts';
import type { GateWork } from './gate_run.ts';
import { interpolate } from './script_env.ts';

export async function bootSmoke(
  gate: Extract<GateConfig, { kind: 'boot_smoke' }>,
  { effect, deps, signal, output, env, values }: GateWork,
): Promise<Outcome> {
  const port = await freePort();
  const PORT = String(port);
  const url = interpolate(gate.http, { ...values, PORT });
  const expect = gate.expect === null ? undefined : interpolate(gate.expect, { ...values, PORT });
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const began = deps.clock.steady();
  await output.say(`Starting ${effect.version} on port ${port}: ${gate.run}`);
  const process = deps.runner.spawn({
    name: gate.id,
    script: gate.run,
    cwd: deps.releases.path(effect.project, effect.version),
    env: { ...env, PORT },
    timeout_ms: gate.within_ms + 1000,
    output: output.write,
    signal: both,
  });
  const dead = new AbortController();
  const exited = process.then((ended) => (dead.abort(), ended));
  const answer = await answerWithin({
    url,
    expect,
    within_ms: gate.within_ms,
    clock: deps.clock,
    probe: deps.probe,
    signal: AbortSignal.any([both, dead.signal]),
    output,
  });
  stop.abort();
  const { end } = await exited;
  const elapsed_s = (deps.clock.steady() - began) / 1000;
  if (answer.ok) return { status: 'passed', elapsed_s };
  if (end.type === 'exit' || end.type === 'signal' || end.type === 'spawn') {
    const { classification, excerpt } = classify({ end, tail: await output.end() });
    return { status: 'failed', elapsed_s, classification, excerpt: [`It ended before it answered ${url}.`, ...excerpt].slice(0, 3) };
  }
  return {
    status: 'failed',
    elapsed_s,
    classification: { type: 'http', url, message: answer.detail, suspect: 'commit' },
    excerpt: [answer.detail],
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no free port'))));
    });
  });
}
