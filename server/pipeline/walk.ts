/**
 * Test support: random walks over a line. A step is plain data that means something in any state (it picks by number, modulo what there is),
 * so that a failing walk can be shrunk and replayed. What is picked may be wrong, late or repeated on purpose.
 */
import { waitingConfirm } from '../../src/shared/fold/select.ts';
import { Command } from '../../src/shared/protocol/commands.ts';
import { Version, type Actor } from '../../src/shared/protocol/ids.ts';
import type { Outcome } from '../../src/shared/protocol/outcome.ts';
import { given, type Line } from './given.ts';
import { HOST, lineDrawn, PRODUCTION, shaOf, STAGING, type TierSpec } from './given_line.ts';
import type { Intent } from './intent.ts';
import { pending, type Effect } from './pending.ts';
import type { Step } from './walk_steps.ts';

const CONFIRM2 = { id: 'manual_confirm', kind: 'manual_confirm', approvals: 2 } as const;
const E2E = { id: 'e2e', kind: 'http_check' } as const;
/** The same tiers with other gates, gates of another kind, nodes and canaries: what a reload may change under a release that moves. */
export const LINES: readonly (readonly TierSpec[])[] = [
  [HOST, STAGING, { ...PRODUCTION, gates: [E2E] }],
  [
    { ...HOST, nodes: ['host-1'], gates: (HOST.gates ?? []).map((gate) => ({ ...gate, retry_interrupted: 2 })) },
    { ...STAGING, canary: 'parallel', gates: [E2E, CONFIRM2] },
    { ...PRODUCTION, auto_promote: false },
  ],
  [
    { ...HOST, gates: [{ id: 'unit_tests', kind: 'burn_in', for_s: 60 }, E2E, CONFIRM2] },
    { ...STAGING, nodes: ['staging-2', 'staging-3', 'staging-1'], canary: 'one_then_rest', gates: [CONFIRM2, STAGING.gates?.[0] ?? E2E] },
    PRODUCTION,
  ],
];
const ACTORS: readonly Actor[] = ['local:Ana', 'local:Ben', 'hook:Ben'];
const COMMITS = 5;

/** @param releases that production has run before the walk begins. */
export function start(releases: number): Line {
  const line = given(HOST, STAGING, PRODUCTION);
  for (let release = 0; release < releases; release++) line.toProduction(`b${release}`);
  return line.reload(...(LINES[0] ?? []));
}

/** @returns the intent, or null when the step only lets time pass. */
export function intentOf(line: Line, step: Step): Intent | null {
  const { project } = line;
  const about = { project: project.id } as const;
  switch (step.step) {
    case 'wait':
      line.now_ms += step.minutes * 60_000;
      return null;
    case 'line':
      return fact({ fact: 'events', project: '*', events: [lineDrawn('updated', project.id, pick(LINES, step.n) ?? [], step.n % 3)] });
    case 'push':
      return fact({
        fact: 'pushed',
        ...about,
        commit: { sha: shaOf(`a${step.n % COMMITS}`), declared: '1.0.0', subject: null, author: null },
      });
    case 'end': {
      const effects = pending(line.state);
      const asking = project.tiers.find((tier) => waitingConfirm(tier) !== null);
      if (asking !== undefined && step.n >= effects.length) return confirmed(project.id, asking.id, pick(ACTORS, step.n));
      const effect = pick(effects, step.n);
      return effect === undefined ? null : endOf(line, effect, step.how);
    }
    case 'late': {
      const run_id = 1 + step.n;
      if (step.about === 'build') return fact({ fact: 'build_ended', ...about, run_id, elapsed_s: 1, log: null, outcome: passed });
      if (step.about === 'gate' && pending(line.state).some((e) => e.run_id === run_id && e.type === 'burn_in')) return null;
      if (step.about === 'gate') return fact({ fact: 'gate_ended', ...about, run_id, outcome: passed });
      if (step.about === 'burn_in') return fact({ fact: 'burn_in_elapsed', ...about, run_id });
      return fact({ fact: 'deploy_ended', ...about, run_id, elapsed_s: 1, log: null, failure: null, excerpt: [] });
    }
    case 'observe': {
      const tier = pick(project.tiers, step.tier);
      const node = pick(tier?.nodes ?? [], step.n);
      if (tier === undefined || node === undefined) return null;
      const version = pick(project.releases, step.version)?.version;
      const what = {
        tier: tier.id,
        node: node.id,
        status: step.status,
        checked_at: line.now,
        ...(version === undefined ? {} : { version }),
      };
      return fact({ fact: 'observed', ...about, event: { kind: 'node_observed', ...what } });
    }
    case 'freeze':
    case 'thaw': {
      const tier = pick(project.tiers, step.tier);
      if (tier === undefined) return null;
      const event =
        step.step === 'freeze'
          ? ({ kind: 'tier_frozen', tier: tier.id, reason: 'audit' } as const)
          : ({ kind: 'tier_thawed', tier: tier.id } as const);
      return fact({ fact: 'events', ...about, events: [event] });
    }
    case 'command':
      return commandOf(line, step);
    default:
      return step satisfies never;
  }
}

function confirmed(project: string, tier: string, actor: Actor = 'local:Ana'): Intent {
  return { type: 'command', command: Command.parse({ command: 'confirm', project, tier }), actor, key: null, body_hash: null };
}

function commandOf(line: Line, step: Extract<Step, { step: 'command' }>): Intent {
  const { project } = line;
  const tier =
    step.tier === 7
      ? { id: 'moon', gates: [], current: null }
      : (pick(project.tiers, step.tier) ?? { id: 'moon', gates: [], current: null });
  const release = pick(project.releases, step.version);
  const version = step.flags === 7 ? Version.parse('9.9.9') : release?.version;
  const named = version === undefined || step.flags % 2 === 0 ? {} : { version };
  const right = tier.current ?? release;
  const expected = step.expect === 'right' ? right : release;
  const expect =
    step.expect === 'none' || expected === undefined
      ? {}
      : { expect: { version: expected.version, sha: step.expect === 'wrong' ? shaOf('ff') : expected.sha } };
  const at = { project: project.id, tier: tier.id };
  const bodies = {
    rebuild: { project: project.id, ...(step.flags > 3 ? { sha: shaOf(`a${step.n % COMMITS}`) } : {}) },
    promote: {
      ...at,
      ...named,
      ...expect,
      hotfix: step.flags > 4,
      reset_burn_in: step.flags === 4 || step.flags === 5,
      reason: step.flags === 6 ? '' : 'why not',
    },
    confirm: { ...at, ...expect, decision: step.flags < 6 ? 'confirm' : 'reject' },
    rollback: { ...at, ...expect, ...(version === undefined || step.flags < 5 ? {} : { to: version }) },
    redeploy: { ...at, ...expect, ...(step.flags < 5 ? {} : { node: step.flags === 7 ? 'moon-1' : 'prod-1' }) },
    lift_hold: { ...at, version: version ?? Version.parse('9.9.9'), reason: 'enough' },
    retry_gate: { ...at, ...expect, gate: pick(tier.gates, step.n)?.id ?? 'moon' },
    cancel_run: { run_id: step.flags === 7 ? 1 + step.n * 9 : (pick(pending(line.state), step.n)?.run_id ?? 1 + step.n) },
  } as const;
  const sha = step.flags > 3 ? shaOf(`a${step.n % COMMITS}`) : shaOf('a0');
  const resolved = step.name === 'rebuild' && step.flags < 7 ? { resolved: { sha, declared: '1.0.0', subject: null, author: null } } : {};
  return {
    type: 'command',
    command: Command.parse({ command: step.name, ...bodies[step.name] }),
    actor: pick(ACTORS, step.actor) ?? 'local:Ana',
    key: null,
    body_hash: null,
    ...resolved,
  };
}

function endOf(line: Line, effect: Effect, how: Extract<Step, { step: 'end' }>['how']): Intent {
  if (how === 'stuck') return fact({ fact: 'stuck', project: effect.project, run_id: effect.run_id, reason: 'a defect' });
  const again = how === 'restarted' ? { ended_by: 'restart' as const } : {};
  const about = { project: effect.project, run_id: effect.run_id };
  const outcome: Outcome =
    how === 'passed'
      ? passed
      : { status: 'failed', classification: how === 'failed' ? { type: 'exit_code', code: 1 } : { type: 'interrupted' } };
  switch (effect.type) {
    case 'build':
      if (how === 'taken') return fact({ fact: 'version_taken', ...about, taken: [effect.version] });
      return fact({ fact: 'build_ended', ...about, ...again, elapsed_s: 1, log: null, outcome });
    case 'gate':
      return fact({ fact: 'gate_ended', ...about, ...again, outcome });
    case 'burn_in':
      line.now_ms = Math.max(line.now_ms, Date.parse(effect.until));
      return fact({ fact: 'burn_in_elapsed', ...about });
    case 'deploy':
      return fact({
        fact: 'deploy_ended',
        ...about,
        elapsed_s: 1,
        log: null,
        failure: how === 'passed' ? null : { type: how === 'failed' ? 'activate' : 'interrupted' },
        excerpt: [],
      });
    default:
      return effect satisfies never;
  }
}

const passed = { status: 'passed' } as const;

function fact(f: Extract<Intent, { type: 'fact' }>['fact']): Intent {
  return { type: 'fact', fact: f, actor: 'system:engine' };
}

function pick<T>(from: readonly T[], at: number): T | undefined {
  return from[at % from.length];
}

/** Every command that could be given now, the senseless ones too. */
export function commandsIn(line: Line): Intent[] {
  const names = ['rebuild', 'promote', 'confirm', 'rollback', 'redeploy', 'lift_hold', 'retry_gate', 'cancel_run'] as const;
  const out: Intent[] = [];
  for (const name of names) {
    for (const tier of [0, 1, 2, 7]) {
      for (let flags = 0; flags < 8; flags++) {
        for (const expect of ['none', 'right', 'wrong'] as const)
          out.push(commandOf(line, { step: 'command', name, tier, n: flags, version: flags, actor: flags, flags, expect }));
      }
    }
  }
  return out;
}

/** Runs the walk; `after` is called after each intent. */
export function walk(line: Line, walked: readonly Step[], after: (intent: Intent, step: Step) => void): void {
  for (const step of walked) {
    const intent = intentOf(line, step);
    if (intent === null) continue;
    line.record(intent);
    after(intent, step);
  }
}
