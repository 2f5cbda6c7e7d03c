/** A project of its own for each race, brought to where the race begins by facts: host (no gates), staging (a confirm), production (one check). */
import { findProject, findTier } from '../../../src/shared/fold/select.ts';
import type { ProjectState, TierState } from '../../../src/shared/fold/state.ts';
import { ProjectId, Sha } from '../../../src/shared/protocol/ids.ts';
import type { DeskHouse } from './desk_house.ts';

export interface Seen {
  version: string;
  sha: string;
}

export class ToldLine {
  readonly id: ProjectId;
  readonly #house: DeskHouse;
  #pushes = 0;

  constructor(house: DeskHouse, name: string) {
    this.#house = house;
    this.id = ProjectId.parse(name);
  }

  get project(): ProjectState {
    const project = findProject(this.#house.state(), this.id);
    if (project === undefined) throw new Error(`there is no project ${this.id}`);
    return project;
  }

  tier(id: string): TierState {
    const tier = findTier(this.project, id);
    if (tier === undefined) throw new Error(`there is no tier ${id}`);
    return tier;
  }

  /** @param approvals people that staging asks. */
  async draw(approvals = 1): Promise<void> {
    const node = (id: string): object => ({ id, health: 'answers' });
    const tier = (id: string, gates: object[], nodes: object[], auto_promote: boolean): object => ({
      id,
      auto_promote,
      canary: 'sequential',
      gates,
      nodes,
    });
    const tiers = [
      tier('host', [], [], true),
      tier('staging', [{ id: 'manual_confirm', kind: 'manual_confirm', approvals }], [node('s1')], true),
      tier('production', [{ id: 'e2e', kind: 'http_check' }], [node('p1'), node('p2')], false),
    ];
    const data = { branch: 'main', tiers };
    const entity = { kind: 'entity', action: 'created', entity_type: 'project', entity_id: this.id, data } as const;
    await this.#house.tell({ fact: 'events', project: this.id, events: [entity] });
  }

  /** A push, built; it goes to staging by itself when nothing is undecided there. */
  async build(): Promise<Seen> {
    this.#pushes += 1;
    const sha = Sha.parse(`c${this.#pushes}`.padEnd(40, '0'));
    const commit = { sha, declared: '1.0.0', subject: null, author: null };
    await this.#house.tell({ fact: 'pushed', project: this.id, commit });
    const { build } = this.project;
    if (build === null) throw new Error('nothing was built');
    const log = { bytes: 1, sha256: '0'.repeat(64) };
    const about = { project: this.id, run_id: build.run_id, elapsed_s: 1, log };
    await this.#house.tell({ fact: 'build_ended', ...about, outcome: { status: 'passed' } });
    return { version: build.version, sha: build.sha };
  }

  async deployed(tier: string): Promise<void> {
    for (;;) {
      const node = this.tier(tier).nodes.find(({ deploy }) => deploy?.status === 'running');
      if (node?.deploy == null) return;
      const about = { project: this.id, run_id: node.deploy.run_id, elapsed_s: 1, log: null, failure: null, excerpt: [] };
      await this.#house.tell({ fact: 'deploy_ended', ...about });
    }
  }

  /** The run of a gate of the tier's release. */
  gateRun(tier: string, gate: string): number {
    const state = this.tier(tier).current?.gates[gate];
    if (state === undefined || !('run_id' in state)) throw new Error(`${gate} of ${tier} has no run`);
    return state.run_id;
  }

  async gatePassed(tier: string, gate: string): Promise<void> {
    await this.#house.tell({ fact: 'gate_ended', project: this.id, run_id: this.gateRun(tier, gate), outcome: { status: 'passed' } });
  }

  async gateFailed(tier: string, gate: string): Promise<void> {
    const outcome = { status: 'failed', classification: { type: 'exit_code', code: 1 } } as const;
    await this.#house.tell({ fact: 'gate_ended', project: this.id, run_id: this.gateRun(tier, gate), outcome });
  }

  /** A release that stands in staging and waits for a confirm. */
  async waiting(): Promise<Seen> {
    const seen = await this.build();
    await this.deployed('staging');
    return seen;
  }

  async pressed(path: string, body: object = {}): Promise<void> {
    const key = `before-${this.id}-${this.#pushes}-${path.replaceAll('/', '-')}`;
    const { status, body: answer } = await this.#house.press({ by: 'local:Eve', path: `/projects/${this.id}${path}`, body, key });
    if (status !== 202) throw new Error(`${path} was refused before the race: ${JSON.stringify(answer)}`);
  }

  async confirmed(): Promise<Seen> {
    const seen = await this.waiting();
    await this.pressed('/confirm/staging', { decision: 'confirm' });
    return seen;
  }

  /** A release that completed in production and passed its check. */
  async inProduction(): Promise<Seen> {
    const seen = await this.confirmed();
    await this.pressed('/promote/production', { expect: seen });
    await this.deployed('production');
    await this.gatePassed('production', 'e2e');
    return seen;
  }
}
