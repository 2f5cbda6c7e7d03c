import { afterEach, beforeEach, expect, test } from 'vitest';
import { SYSTEM_ACTOR, type ProjectId } from '../../src/shared/protocol/ids.ts';
import type { EventOf } from '../../src/shared/protocol/events/event.ts';
import type { Config } from '../config/config.ts';
import { Engine } from '../pipeline/engine/engine.ts';
import { openScene, type Scene } from '../pipeline/engine/engine_scene.ts';
import type { TierSpec } from '../pipeline/given_line.ts';
import { ConfigInForce } from './config_in_force.ts';

const HOST: TierSpec = { id: 'host' };
const BARE: TierSpec = { id: 'production' };
const WITH_NODE: TierSpec = { ...BARE, nodes: ['prod-1'] };
const WITH_GATE: TierSpec = { ...HOST, gates: [{ id: 'e2e', kind: 'command' }] };

let scene: Scene;
let engine: Engine;
let inForce: ConfigInForce;
let done: string[];

beforeEach(async () => {
  done = [];
  scene = await openScene({
    tiers: [HOST, BARE],
    deps: {
      transport: { deploy: async ({ node }) => (done.push(`deploy on ${node.id}`), { ok: true }), current: async () => null },
    },
  });
  inForce = new ConfigInForce(scene.deps.config());
  scene.deps.config = () => inForce.get();
  engine = new Engine(scene.deps);
  await engine.start();
  scene.recording.tell((line) => line.push('a1').buildPassed());
});
afterEach(async () => {
  await engine.close();
  await scene.close();
});

async function configOf(...tiers: readonly TierSpec[]): Promise<Config> {
  const other = await openScene({ tiers });
  await other.close();
  return other.deps.config();
}

const record = (change: EventOf<'entity'>): Promise<unknown> =>
  scene.recording.record({
    type: 'fact',
    actor: SYSTEM_ACTOR,
    fact: { fact: 'events', project: change.entity_id as ProjectId, events: [change] },
  });
const replace = (next: Config): Promise<number> => inForce.replace(next, scene.recording.state(), record);
const ended = (kind: string): unknown[] => scene.line.log.filter((envelope) => envelope.kind === kind);

test('a deploy on a node that the next config brings begins with that config', async () => {
  expect(await replace(await configOf(HOST, WITH_NODE))).toBe(1);
  await expect.poll(() => [...ended('deploy_ok'), ...ended('deploy_failed')]).toMatchObject([{ kind: 'deploy_ok', node: 'prod-1' }]);
  expect(done).toEqual(['deploy on prod-1']);
});

test('so does a gate', async () => {
  await replace(await configOf(WITH_GATE, BARE));
  await expect.poll(() => ended('gate_done')).toHaveLength(1);
  // It was begun with its script, in a workspace that this release does not have.
  expect(JSON.stringify(ended('gate_done'))).toContain('The build workspace of');
});

test('a change that cannot be recorded leaves the earlier config in force', async () => {
  const before = inForce.get();
  scene.recording.broken = true;
  await expect(replace(await configOf(HOST, WITH_NODE))).rejects.toThrow('The event log cannot be written.');
  expect(inForce.get()).toBe(before);
});

test('a change that is refused records nothing and leaves the earlier config in force', async () => {
  await replace(await configOf({ ...HOST, gates: [{ id: 'yes', kind: 'manual_confirm', approvals: 1 }] }, BARE));
  const before = inForce.get();
  const { seq_no } = scene.recording.state();
  await expect(replace(await configOf(BARE))).rejects.toThrow('tier `host` of `hello` cannot be removed');
  expect(inForce.get()).toBe(before);
  expect(scene.recording.state().seq_no).toBe(seq_no);
});
