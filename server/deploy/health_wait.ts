/** Asks a node until it answers as expected, or its time is up. Right after a restart the old process or nobody answers; that alone is no failure. */
import type { Clock } from '../clock.ts';
import type { ToldFailure } from './deploy_stop.ts';
import { pause } from './pause.ts';
import type { Answered, Health, Probe } from './port.ts';

const ASK_AGAIN_MS = 250;

export interface HealthWait {
  node: string;
  health: Health;
  probe: Probe;
  clock: Clock;
  signal: AbortSignal;
}

export type HealthEnd = { healthy: true; line: string } | { healthy: false; failure: ToldFailure };

/** Rejects with `signal.reason` when aborted. */
export async function awaitHealth({ node, health, probe, clock, signal }: HealthWait): Promise<HealthEnd> {
  const started = clock.now();
  const seconds = (): string => ((clock.now() - started) / 1000).toFixed(1);
  const timeUp = new AbortController();
  const undo = clock.after(health.timeout_ms, () => timeUp.abort());
  const either = AbortSignal.any([signal, timeUp.signal]);
  let last: Answered | null = null;
  try {
    for (;;) {
      const answer = await probe(health, either);
      if (answer.status === 'matching' || answer.status === 'answers')
        return { healthy: true, line: `Health: ${answer.detail}, after ${seconds()} s.` };
      // A request that the end of the time cut short says less than the answer before it.
      if (last === null || !timeUp.signal.aborted) last = answer;
      if (timeUp.signal.aborted) return { healthy: false, failure: unhealthy(node, health, last) };
      await pause(clock, ASK_AGAIN_MS, either).catch(() => signal.throwIfAborted());
    }
  } finally {
    undo();
  }
}

function unhealthy(node: string, health: Health, last: Answered): ToldFailure {
  const seconds = health.timeout_ms / 1000;
  const wanted = health.expect === undefined ? 'a 2xx answer' : `a 2xx answer with ${health.expect}`;
  const message =
    last.status === 'unreachable'
      ? `${node} did not answer within ${seconds} s (${last.detail}).`
      : `${node} is not healthy after ${seconds} s: expected ${wanted}, got ${last.detail}.`;
  return { type: 'health_check', expected: health.expect ?? wanted, got: last.detail, message };
}
