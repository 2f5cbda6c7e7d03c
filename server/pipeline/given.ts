/**
 * Test support: a line told in the words of its operators. It runs `decide` and `fold` exactly as the recorder does (one commit per intent,
 * numbers without holes, what is folded has been through the codec) but without a log, a clock or an engine. Each step throws when it makes
 * no sense at that moment, so that a test cannot pass by doing nothing.
 */
import assert from 'node:assert/strict';
import type { z } from 'zod';
import { findProject, findRelease, findTier } from '../../src/shared/fold/select.ts';
import { fold } from '../../src/shared/fold/fold.ts';
import {
  EMPTY_STATE,
  type GateState,
  type NodeState,
  type ProjectState,
  type Release,
  type State,
  type TierState,
} from '../../src/shared/fold/state.ts';
import { decodeEnvelopes, encodeEnvelopes } from '../../src/shared/protocol/codec.ts';
import { Command } from '../../src/shared/protocol/commands.ts';
import { assertWritable, type Envelope } from '../../src/shared/protocol/envelope.ts';
import type { Kind } from '../../src/shared/protocol/events/event.ts';
import { ProjectId, SYSTEM_ACTOR } from '../../src/shared/protocol/ids.ts';
import type { Outcome } from '../../src/shared/protocol/outcome.ts';
import type { Refusal, RefusalCode } from '../../src/shared/protocol/refusals.ts';
import { PROTOCOL_VERSION } from '../../src/shared/protocol/version.ts';
import { makeDecide } from './decide.ts';
import { commitOf, found, lineDrawn, refusalDraft, shaOf, versionOf, type TierSpec } from './given_line.ts';
import type { Decision, Fact, Intent } from './intent.ts';

const DAWN_MS = Date.parse('2026-11-14T02:00:00.000Z');
const LOG = { bytes: 1, sha256: '0'.repeat(64) };
const PROJECT = ProjectId.parse('hello');

type WithoutProject<T> = T extends { project: string } ? Omit<T, 'project'> & { project?: string } : T;
export type CommandInput = WithoutProject<z.input<typeof Command>>;

export function given(...tiers: readonly TierSpec[]): Line {
  return new Line().reload(...tiers);
}

export class Line {
  state: State = EMPTY_STATE;
  /** Every envelope so far; what a log would hold. */
  readonly log: Envelope[] = [];
  /** Of the last intent, as is `commit`, which is empty when there was nothing to record. */
  decision: Decision = { type: 'nothing', why: 'nothing has happened yet' };
  commit: readonly Envelope[] = [];
  now_ms = DAWN_MS;
  /** `retry_interrupted` of the build, from the next reload on. */
  builds_again = 0;
  readonly #decide: ReturnType<typeof makeDecide>;
  /** @param run_id_floor as `makeDecide` takes it. */
  constructor(run_id_floor = 0) {
    this.#decide = makeDecide(run_id_floor);
  }

  get now(): string {
    return new Date(this.now_ms).toISOString();
  }

  record(intent: Intent): this {
    this.decision = this.#decide(intent, this.state, this.now);
    const drafts =
      this.decision.type === 'refused'
        ? [refusalDraft(intent, this.decision)]
        : this.decision.type === 'events'
          ? this.decision.drafts
          : [];
    let seq_no = this.state.seq_no;
    const envelopes = drafts.map(({ project, event, actor }) => {
      seq_no += 1;
      const envelope = { seq_no, id: `id-${seq_no}`, at: this.now, project, actor: actor ?? intent.actor, ...event } as Envelope;
      assertWritable(envelope);
      return envelope;
    });
    this.commit = decodeEnvelopes(encodeEnvelopes(envelopes), PROTOCOL_VERSION);
    this.log.push(...this.commit);
    this.state = this.commit.reduce(fold, this.state);
    return this;
  }

  fact(fact: Fact, actor: string = SYSTEM_ACTOR): this {
    return this.record({ type: 'fact', fact, actor });
  }

  /** @param commit for a rebuild: what git knows it as; `null` when git does not know it. */
  command(input: CommandInput, actor = 'local:Ana', commit: string | null = 'a1'): this {
    const command = Command.parse(input.command === 'cancel_run' ? input : { project: PROJECT, ...input });
    const resolved = command.command === 'rebuild' && commit !== null ? { resolved: commitOf(command.sha ?? shaOf(commit)) } : {};
    return this.record({ type: 'command', command, actor, key: null, body_hash: null, ...resolved });
  }

  /** The config as it is from now on. */
  reload(...tiers: readonly TierSpec[]): this {
    const action = this.state.projects.length === 0 ? 'created' : 'updated';
    return this.fact({ fact: 'events', project: '*', events: [lineDrawn(action, PROJECT, tiers, this.builds_again)] });
  }

  /** The minute check saw it. */
  push(short: string, declared: string | null = '1.0.0'): this {
    return this.fact({ fact: 'pushed', project: PROJECT, commit: { ...commitOf(shaOf(short)), declared } }, 'system:git');
  }

  buildEnded(outcome: Outcome): this {
    const run_id = this.project.build?.run_id ?? 0;
    return this.#heard({ fact: 'build_ended', project: PROJECT, run_id, elapsed_s: 2, log: LOG, outcome });
  }

  buildPassed(): this {
    return this.buildEnded({ status: 'passed' });
  }

  gateEnded(tier: string, gate: string, outcome: Outcome): this {
    return this.#heard({ fact: 'gate_ended', project: PROJECT, run_id: this.gateRun(tier, gate), outcome });
  }

  gatePassed(tier: string, gate: string): this {
    return this.gateEnded(tier, gate, { status: 'passed', ...LOG });
  }

  gateFailed(tier: string, gate: string): this {
    return this.gateEnded(tier, gate, {
      status: 'failed',
      ...LOG,
      classification: { type: 'tests_failed', failed: 2, passed: 316, names: ['a', 'b'] },
    });
  }

  /** Time passes until the burn-in is over. */
  burnedIn(tier: string, gate = 'burn_in'): this {
    const state = this.gate(tier, gate);
    assert.equal(state?.status, 'burning_in');
    this.now_ms = Math.max(this.now_ms, Date.parse(state.until));
    return this.#heard({ fact: 'burn_in_elapsed', project: PROJECT, run_id: state.run_id });
  }

  deployEnded(tier: string, node: string, failure: string | null): this {
    const run_id = this.deployRun(tier, node);
    return this.#heard({
      fact: 'deploy_ended',
      project: PROJECT,
      run_id,
      elapsed_s: 3,
      log: LOG,
      failure: failure === null ? null : { type: failure },
      excerpt: [],
    });
  }

  deployOk(tier: string, ...nodes: readonly string[]): this {
    for (const node of nodes) this.deployEnded(tier, node, null);
    return this;
  }

  deployFailed(tier: string, node: string, failure = 'health_check'): this {
    return this.deployEnded(tier, node, failure);
  }

  observed(tier: string, node: string, status: NonNullable<NodeState['observed']>['status'], short?: string): this {
    const which = { tier: this.tier(tier).id, node: this.node(tier, node).id };
    const version = short === undefined ? {} : { version: this.release(short).version };
    return this.fact({
      fact: 'observed',
      project: PROJECT,
      event: { kind: 'node_observed', ...which, status, ...version, checked_at: this.now },
    });
  }

  /** From the push to where the first tier's gates are passed. */
  throughHost(short: string): this {
    return this.push(short).buildPassed().gatePassed('host', 'unit_tests').gatePassed('host', 'boot_smoke');
  }

  /** From the push to where staging waits for a confirm. */
  toConfirm(short: string): this {
    return this.throughHost(short).deployOk('staging', 'staging-1', 'staging-2').burnedIn('staging');
  }

  /** From the push to where production runs it. */
  toProduction(short: string): this {
    return this.toConfirm(short).command({ command: 'confirm', tier: 'staging' }).deployOk('production', 'prod-1', 'prod-2');
  }

  /** The clock says so many minutes since the beginning; it never goes back. */
  at(minutes: number): this {
    this.now_ms = Math.max(this.now_ms, DAWN_MS + minutes * 60_000);
    return this;
  }

  /** The last intent led to exactly these, in this order. */
  expectEvents(kinds: readonly Kind[]): this {
    assert.deepEqual(
      this.commit.map((e) => e.kind),
      kinds,
      this.decision.type === 'refused' ? this.decision.refusal.message : undefined,
    );
    return this;
  }

  expectNothing(): this {
    assert.equal(this.decision.type, 'nothing');
    return this.expectEvents([]);
  }

  refused(code: RefusalCode): Refusal {
    assert.equal(this.decision.type, 'refused', `expected a refusal, got ${this.commit.map((e) => e.kind).join(', ')}`);
    assert.equal(this.decision.refusal.code, code, this.decision.refusal.message);
    return this.decision.refusal;
  }

  get project(): ProjectState {
    return found(findProject(this.state, PROJECT), 'project');
  }

  tier(id: string): TierState {
    return found(findTier(this.project, id), `tier ${id}`);
  }

  node(tier: string, id: string): NodeState {
    return found(
      this.tier(tier).nodes.find((node) => node.id === id),
      `node ${id}`,
    );
  }

  release(short: string): Release {
    return found(findRelease(this.project, versionOf(short)), `release of ${short}`);
  }

  gate(tier: string, gate: string): GateState | undefined {
    return this.tier(tier).current?.gates[gate];
  }

  /** Of the latest attempt, ended or not. */
  gateRun(tier: string, gate: string): number {
    const state = this.gate(tier, gate);
    return found(state !== undefined && 'run_id' in state ? state.run_id : undefined, `run of ${gate}`);
  }

  deployRun(tier: string, node: string): number {
    return found(this.node(tier, node).deploy?.run_id, `deploy on ${node}`);
  }

  #heard(fact: Fact): this {
    this.fact(fact);
    assert.equal(this.decision.type, 'events', `${fact.fact}: ${this.decision.type === 'nothing' ? this.decision.why : ''}`);
    return this;
  }
}
