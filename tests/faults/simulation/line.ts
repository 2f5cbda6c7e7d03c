/** The line a world works on, small and different from seed to seed, and the repository it is built from. */
import type { Config, GateConfig, NodeConfig, TierConfig } from '../../../server/config/config.ts';
import type { CommitInfo, Repository } from '../../../server/emitters/git_port.ts';
import { GateId, NodeId, ProjectId, TierId } from '../../../src/shared/protocol/ids.ts';
import type { Schedule } from './schedule.ts';

export const PROJECT = ProjectId.parse('hello');
const RUN_MS = 20_000;
const DEPLOY_MS = 30_000;
const BURN_IN_MOST_S = 15;

const command = (id: string): GateConfig => ({ id: GateId.parse(id), kind: 'command', run: id, junit: null, timeout_ms: RUN_MS });

function node(id: string): NodeConfig {
  const root = `/nodes/${id}`;
  return { id: NodeId.parse(id), root, restart: null, health: { http: root, expect: '$VERSION', within_ms: 2_000 }, timeout_ms: DEPLOY_MS };
}

/** One of the lines there are. Parts of it change when it is drawn anew; tiers stay. */
export function drawLine(schedule: Schedule, shape: LineShape): Config {
  const { random } = schedule;
  const chance = (of: number): boolean => schedule.chance(of);
  const canary = (): TierConfig['canary'] => random.pick(['sequential', 'parallel', 'one_then_rest']);
  const staging: TierConfig = {
    id: TierId.parse('staging'),
    auto_promote: shape.auto,
    canary: canary(),
    nodes: ['staging-1', ...(chance(0.4) ? ['staging-2'] : [])].map(node),
    gates: [
      ...(shape.burn_in_s > 0 ? [{ id: GateId.parse('burn_in'), kind: 'burn_in' as const, for_ms: shape.burn_in_s * 1000 }] : []),
      ...(shape.approvals > 0 ? [{ id: GateId.parse('confirm'), kind: 'manual_confirm' as const, approvals: shape.approvals }] : []),
    ],
  };
  const production: TierConfig = {
    id: TierId.parse('production'),
    auto_promote: chance(0.7),
    canary: canary(),
    nodes: ['prod-1', 'prod-2'].map(node),
    gates: chance(0.5)
      ? [{ id: GateId.parse('answers'), kind: 'http_check', http: '/nodes/$NODE', expect: '$VERSION', within_ms: 3_000 }]
      : [command('e2e')],
  };
  const host: TierConfig = {
    id: TierId.parse('host'),
    auto_promote: true,
    canary: 'sequential',
    nodes: [],
    gates: [command('unit'), ...(chance(0.3) ? [command('lint')] : [])],
  };
  return {
    file: '/simulated/signalbox.yaml',
    hash: '',
    public_url: null,
    projects: [
      {
        id: PROJECT,
        repo: '/simulated/hello.git',
        branch: 'main',
        env: {},
        secrets: [],
        build: { run: 'build', artifacts: [], timeout_ms: RUN_MS },
        keep_releases: 3,
        tiers: [host, ...(shape.staging ? [staging] : []), production],
      },
    ],
  };
}

export interface LineShape {
  staging: boolean;
  auto: boolean;
  burn_in_s: number;
  approvals: number;
}

export function shapeOf({ random }: Pick<Schedule, 'random'>): LineShape {
  return {
    staging: random.next() < 0.7,
    auto: random.next() < 0.8,
    burn_in_s: random.next() < 0.6 ? 3 + random.below(BURN_IN_MOST_S) : 0,
    approvals: random.pick([0, 0, 1, 1, 2]),
  };
}

/** Commits that are pushed one after another. */
export class SimulatedRepository implements Repository {
  readonly #checkedOut: (folder: string) => void;
  #pushed = 0;

  constructor(checkedOut: (folder: string) => void) {
    this.#checkedOut = checkedOut;
  }

  push(): void {
    this.#pushed++;
  }

  head(): Promise<string | null> {
    return Promise.resolve(this.#pushed === 0 ? null : shaOf(this.#pushed));
  }

  isEmpty(): Promise<boolean> {
    return Promise.resolve(this.#pushed === 0);
  }

  describe(sha: string): Promise<CommitInfo | null> {
    const known = Number.parseInt(sha.slice(0, 7), 16) <= this.#pushed;
    return Promise.resolve(known ? { sha, subject: `change ${sha.slice(0, 7)}`, author: 'Ben', declared: '1.0.0' } : null);
  }

  checkout(_sha: string, folder: string): Promise<void> {
    this.#checkedOut(folder);
    return Promise.resolve();
  }

  compare(): ReturnType<Repository['compare']> {
    return Promise.resolve({ total: 0, commits: [] });
  }
}

function shaOf(n: number): string {
  return n.toString(16).padStart(7, '0').padEnd(40, 'a');
}
