import { expect, test } from 'vitest';
import { systemClock } from '../clock.ts';
import { endKin } from './end_kin.ts';
import type { Kin } from './kin.ts';

/** Kin that follow a script: who is seen at each look, the last line for ever. */
function scripted(...looks: number[][]): Kin & { signals: string[] } {
  const signals: string[] = [];
  let look = 0;
  return {
    signals,
    look: () => Promise.resolve(looks[Math.min(look++, looks.length - 1)] ?? []),
    signal: (pids, name, together) => signals.push(`${name} ${pids.join(',')}${together ? ' together' : ''}`),
  };
}

test('TERM goes to the group once, and to each that appears later once', async () => {
  const kin = scripted([1, 2], [1, 2, 3], [2], []);
  expect(await endKin(kin, { clock: systemClock, grace_ms: 60_000 })).toEqual({ ended: 3, left: [] });
  expect(kin.signals).toEqual(['SIGTERM 1,2 together', 'SIGTERM 3']);
});

test('one empty look is not believed', async () => {
  const kin = scripted([], [7], [], []);
  expect(await endKin(kin, { clock: systemClock, grace_ms: 60_000 })).toEqual({ ended: 1, left: [] });
});

test('who survives KILL is given up and named', async () => {
  const kin = scripted([1, 2], [2]);
  expect(await endKin(kin, { clock: systemClock, grace_ms: 0, kill_wait_ms: 100 })).toEqual({ ended: 1, left: [2] });
  expect(kin.signals.at(-1)).toBe('SIGKILL 2 together');
});
