/** Tests of the drawing tell what happened and look at what is drawn: the state between is the real fold's. Times are seconds since `START`. */
import { fold } from '../shared/fold/fold.ts';
import { EMPTY_STATE, type ProjectState, type State, type TierState } from '../shared/fold/state.ts';
import { readEnvelope } from '../shared/protocol/envelope.ts';

export const START = Date.parse('2026-11-21T14:00:00.000Z');
export const at = (s: number): string => new Date(START + s * 1000).toISOString();
export const ME = 'local:Ana';

/** `1.4.0` is built from a commit of its own. */
export const sha = (version: string): string =>
  version
    .replace(/[^0-9a-f]/g, '')
    .padStart(7, 'c')
    .padEnd(40, '0');
export const whole = (version: string): string => `${version}+g${sha(version).slice(0, 7)}`;

const probed = (id: string): object => ({ id, health: 'probed' });
/** The line of the demo, with a second staging node so that a tier can be mixed. */
export const TIERS = [
  {
    id: 'host',
    auto_promote: true,
    canary: 'sequential',
    gates: [
      { id: 'unit_tests', kind: 'command' },
      { id: 'boot_smoke', kind: 'boot_smoke' },
    ],
    nodes: [],
  },
  {
    id: 'staging',
    auto_promote: true,
    canary: 'sequential',
    gates: [
      { id: 'burn_in', kind: 'burn_in', for_s: 60 },
      { id: 'manual_confirm', kind: 'manual_confirm', approvals: 1 },
    ],
    nodes: [probed('staging-1'), probed('staging-2')],
  },
  { id: 'production', auto_promote: true, canary: 'sequential', gates: [], nodes: [probed('prod-1'), probed('prod-2')] },
];

export class Story {
  #state: State = EMPTY_STATE;
  #now = 0;
  #run = 0;

  constructor(tiers: readonly object[] = TIERS) {
    this.tell({ kind: 'entity', action: 'created', entity_type: 'project', entity_id: 'hello', data: { branch: 'main', tiers } });
  }

  get state(): State {
    return this.#state;
  }
  get now(): number {
    return START + this.#now * 1000;
  }
  get project(): ProjectState {
    const [project] = this.#state.projects;
    if (project === undefined) throw new Error('the story has no project');
    return project;
  }
  tier(id: string): TierState {
    const tier = this.project.tiers.find((one) => one.id === id);
    if (tier === undefined) throw new Error(`the story has no tier ${id}`);
    return tier;
  }

  tell(event: Record<string, unknown>): this {
    const stamp = {
      seq_no: this.#state.seq_no + 1,
      id: String(this.#state.seq_no),
      at: at(this.#now),
      project: 'hello',
      actor: 'system:pipeline',
    };
    this.#state = fold(this.#state, readEnvelope({ ...stamp, ...event }));
    return this;
  }
  later(seconds: number): this {
    this.#now += seconds;
    return this;
  }

  pushed(version: string, subject = `change ${version}`): this {
    return this.tell({ kind: 'rebuild_requested', sha: sha(version), subject, author: 'Ben', actor: 'hook:Ben' });
  }
  building(version: string): this {
    return this.tell({ kind: 'build_start', sha: sha(version), version: whole(version), run_id: ++this.#run });
  }
  built(version: string, elapsed_s = 10): this {
    this.building(version).later(elapsed_s);
    this.tell({ kind: 'build_ok', sha: sha(version), version: whole(version), run_id: this.#run, elapsed_s });
    return this.runsOn(this.project.tiers[0]?.id ?? '', version);
  }
  starts(tier: string, gate: string, version: string): this {
    return this.tell({ kind: 'gate_start', tier, gate, version: whole(version), sha: sha(version), run_id: ++this.#run });
  }
  ends(tier: string, gate: string, version: string, outcome: object): this {
    return this.tell({ kind: 'gate_done', tier, gate, version: whole(version), sha: sha(version), run_id: this.#run, outcome });
  }
  passes(tier: string, gate: string, version: string, elapsed_s = 5): this {
    return this.starts(tier, gate, version).later(elapsed_s).ends(tier, gate, version, { status: 'passed', elapsed_s });
  }
  /** Through build and host. */
  green(version: string): this {
    return this.pushed(version).built(version).passes('host', 'unit_tests', version).passes('host', 'boot_smoke', version);
  }
  enters(tier: string, version: string, actor = 'system:pipeline'): this {
    return this.tell({
      kind: 'promote_requested',
      tier,
      version: whole(version),
      sha: sha(version),
      auto: actor.startsWith('system:'),
      actor,
    });
  }
  deploys(tier: string, node: string, version: string, failure: object | null = null, elapsed_s = 20): this {
    const on = { tier, node, version: whole(version), sha: sha(version), run_id: ++this.#run };
    this.tell({ kind: 'deploy_start', ...on }).later(elapsed_s);
    return failure === null ? this.tell({ kind: 'deploy_ok', ...on, elapsed_s }) : this.tell({ kind: 'deploy_failed', ...on, failure });
  }
  probes(tier: string, node: string, version: string): this {
    return this.tell({ kind: 'node_observed', tier, node, status: 'matching', version: whole(version), checked_at: at(this.#now) });
  }
  /** On every node of the tier, complete. */
  runsOn(tier: string, version: string): this {
    this.enters(tier, version);
    for (const node of this.tier(tier).nodes) this.deploys(tier, node.id, version).probes(tier, node.id, version);
    return this.tell({ kind: 'promote_complete', tier, version: whole(version), sha: sha(version) });
  }
  awaits(version: string): this {
    return this.starts('staging', 'manual_confirm', version).ends('staging', 'manual_confirm', version, {
      status: 'blocked',
      blockers: [{ type: 'awaiting_confirm', have: 0, need: 1 }],
    });
  }
  confirmed(version: string, actor = ME): this {
    this.tell({
      kind: 'manual_confirm',
      tier: 'staging',
      gate: 'manual_confirm',
      version: whole(version),
      sha: sha(version),
      run_id: this.#run,
      actor,
    });
    return this.tell({
      kind: 'gate_done',
      tier: 'staging',
      gate: 'manual_confirm',
      version: whole(version),
      sha: sha(version),
      run_id: this.#run,
      outcome: { status: 'passed' },
      actor,
    });
  }
  /** Green on host, on staging, burned in, waiting for its confirm. */
  waits(version: string): this {
    return this.green(version).runsOn('staging', version).passes('staging', 'burn_in', version, 60).awaits(version);
  }
  /** All the way. */
  everywhere(version: string): this {
    return this.waits(version).later(30).confirmed(version).runsOn('production', version);
  }
}
