/** Intents of a release line as it really runs: a push, a build, gates, two tiers, a person now and then. Seventeen events a release. */
import type { Intent } from '../../server/pipeline/intent.ts';
import { Command } from '../../src/shared/protocol/commands.ts';
import type { Event } from '../../src/shared/protocol/events/event.ts';
import { GateId, NodeId, ProjectId, Sha, TierId, Version } from '../../src/shared/protocol/ids.ts';
import type { Outcome } from '../../src/shared/protocol/outcome.ts';

const project = ProjectId.parse('hello');
const [host, staging] = [TierId.parse('host'), TierId.parse('staging')];
const [unit_tests, boot_smoke, manual_confirm] = [GateId.parse('unit_tests'), GateId.parse('boot_smoke'), GateId.parse('manual_confirm')];
const node = NodeId.parse('staging-1');

const fact = (event: Event): Intent => ({ type: 'fact', fact: { fact: 'events', project, events: [event] }, actor: 'system:pipeline' });

/** The line itself, without which the fold has nothing to do. */
export const drawLine: Intent = fact({
  kind: 'entity',
  action: 'created',
  entity_type: 'project',
  entity_id: project,
  data: {
    branch: 'main',
    tiers: [
      {
        id: host,
        auto_promote: true,
        canary: 'sequential',
        gates: [
          { id: unit_tests, kind: 'command' },
          { id: boot_smoke, kind: 'boot_smoke' },
        ],
        nodes: [],
      },
      {
        id: staging,
        auto_promote: false,
        canary: 'sequential',
        gates: [{ id: manual_confirm, kind: 'manual_confirm', approvals: 1 }],
        nodes: [{ id: node, health: 'probed' }],
      },
    ],
  },
});

/** @param number of the release, from 0; no two share a sha, a version, a run or a key. */
function releaseIntents(number: number): Intent[] {
  const hex = number.toString(16).padStart(7, '0');
  const sha = Sha.parse(hex.padEnd(40, 'c'));
  const version = Version.parse(`1.4.${number}+g${hex}`);
  const run = number * 6 + 1;
  const log = (run_id: number) => ({ log_ref: `/api/v1/runs/${run_id}/log`, bytes: 48_211, sha256: hex.padEnd(64, 'd') });
  const asks = (command: object): Intent => ({
    type: 'command',
    command: Command.parse({ project, ...command }),
    actor: 'local:ana',
    key: `${hex}-${JSON.stringify(command).length}`,
    body_hash: hex.padEnd(64, 'e'),
  });
  const gate = (run_id: number, which: GateId): Intent[] => [
    fact({ kind: 'gate_start', run_id, tier: host, version, sha, gate: which, attempt: 1 }),
    fact({
      kind: 'gate_done',
      run_id,
      tier: host,
      version,
      sha,
      gate: which,
      attempt: 1,
      outcome: { status: 'passed', ...log(run_id), elapsed_s: 12.4, tests: { passed: 341, failed: 0 } },
    }),
  ];
  type OfGate = { kind: 'gate_start'; attempt: number } | { kind: 'gate_done'; outcome: Outcome };
  const confirmed = (event: OfGate): Intent => fact({ ...event, run_id: run + 4, tier: staging, version, sha, gate: manual_confirm });
  return [
    asks({ command: 'rebuild', sha }),
    fact({ kind: 'build_start', sha, version, run_id: run }),
    fact({ kind: 'build_ok', sha, version, run_id: run, elapsed_s: 21.7, ...log(run) }),
    ...gate(run + 1, unit_tests),
    ...gate(run + 2, boot_smoke),
    fact({ kind: 'promote_complete', tier: host, version, sha }),
    asks({ command: 'promote', tier: staging, version }),
    fact({ kind: 'deploy_start', tier: staging, node, version, sha, run_id: run + 3, attempt: 1, fence: `1.${number}` }),
    fact({ kind: 'deploy_ok', tier: staging, node, version, sha, run_id: run + 3, attempt: 1, elapsed_s: 3.1, ...log(run + 3) }),
    fact({ kind: 'promote_complete', tier: staging, version, sha }),
    fact({ kind: 'node_observed', tier: staging, node, status: 'matching', version, checked_at: '2026-11-14T02:03:11.004Z' }),
    confirmed({ kind: 'gate_start', attempt: 1 }),
    confirmed({ kind: 'gate_done', outcome: { status: 'blocked', blockers: [{ type: 'awaiting_confirm', have: 0, need: 1 }] } }),
    asks({ command: 'confirm', tier: staging, decision: 'confirm', comment: 'The figures look right.', expect: { version, sha } }),
    confirmed({ kind: 'gate_done', outcome: { status: 'passed' } }),
  ];
}

const backup = fact({ kind: 'backup_fetched', source: 'postgres://db/production', byte_size: 123_456_789 });

/** The same event again and again: one that the fold has little to do for, so that the recorder itself is what costs. */
export function backups(): (count: number) => Intent[] {
  return (count) => Array.from({ length: count }, () => backup);
}

/** @returns as many intents as asked at each call, release after release, for ever. */
export function releaseLine(): (count: number) => Intent[] {
  let release = 0;
  let ready: Intent[] = [];
  return (count) => {
    const taken: Intent[] = [];
    while (taken.length < count) {
      if (ready.length === 0) ready = releaseIntents(release++);
      taken.push(...ready.splice(0, count - taken.length));
    }
    return taken;
  };
}
