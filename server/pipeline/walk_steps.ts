/** Test support: the steps of a random walk, as data that can be shrunk and replayed. `walk.ts` says what they mean. */
import fc from 'fast-check';
import type { Command } from '../../src/shared/protocol/commands.ts';

export type Step =
  | { step: 'push' | 'line'; n: number }
  | { step: 'wait'; minutes: number }
  | { step: 'end'; n: number; how: 'passed' | 'failed' | 'interrupted' | 'restarted' | 'taken' | 'stuck' }
  | { step: 'late'; n: number; about: 'build' | 'gate' | 'burn_in' | 'deploy' }
  | { step: 'observe'; tier: number; n: number; version: number; status: 'matching' | 'differs' | 'unreachable' }
  | { step: 'freeze' | 'thaw'; tier: number }
  | {
      step: 'command';
      name: Command['command'];
      tier: number;
      n: number;
      version: number;
      actor: number;
      flags: number;
      expect: 'none' | 'right' | 'wrong';
    };

const n = fc.nat(7);
const command = fc.record({
  step: fc.constant('command' as const),
  name: fc.constantFrom<Command['command'][]>(
    'rebuild',
    'promote',
    'promote',
    'confirm',
    'confirm',
    'rollback',
    'redeploy',
    'lift_hold',
    'retry_gate',
    'cancel_run',
  ),
  tier: n,
  n,
  version: n,
  actor: n,
  flags: n,
  expect: fc.constantFrom('none', 'none', 'right', 'wrong'),
});
export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 40,
      arbitrary: fc.record({
        step: fc.constant('end'),
        n,
        how: fc.constantFrom(
          ...Array<'passed'>(24).fill('passed'),
          'failed',
          'failed',
          'interrupted',
          'restarted',
          'restarted',
          'taken',
          'stuck',
        ),
      }),
    },
    { weight: 16, arbitrary: command },
    { weight: 6, arbitrary: fc.record({ step: fc.constant('push'), n }) },
    { weight: 3, arbitrary: fc.record({ step: fc.constant('wait'), minutes: fc.nat(40) }) },
    {
      weight: 3,
      arbitrary: fc.record({ step: fc.constant('late'), n: fc.nat(60), about: fc.constantFrom('build', 'gate', 'burn_in', 'deploy') }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        step: fc.constant('observe'),
        tier: n,
        n,
        version: n,
        status: fc.constantFrom('matching', 'differs', 'unreachable'),
      }),
    },
    { weight: 1, arbitrary: fc.record({ step: fc.constantFrom('freeze', 'thaw', 'thaw'), tier: n }) },
    { weight: 1, arbitrary: fc.record({ step: fc.constant('line'), n }) },
  ),
  { maxLength: 90, size: 'max' },
);
