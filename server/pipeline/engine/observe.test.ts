import { afterEach, describe, expect, test, vi } from 'vitest';
import { NodeId, ProjectId, TierId } from '../../../src/shared/protocol/ids.ts';
import type { ProjectConfig } from '../../config/config.ts';
import type { Answered, Health } from '../../deploy/port.ts';
import { shaOf, versionOf } from '../given_line.ts';
import type { Fact } from '../intent.ts';
import { openScene, type Scene } from './engine_scene.ts';
import { HandClock } from './hand_clock_for_tests.ts';
import { NodeWatch } from './node_watch.ts';
import { observe } from './observe.ts';

const AT = { project: ProjectId.parse('hello'), tier: TierId.parse('staging'), node: NodeId.parse('n1') };
const MINUTE_MS = 60_000;

let scene: Scene;
let clock: HandClock;
let answer: Answered;
let asked: Health[];
let current: string | null | undefined;
afterEach(() => scene.close());

/** A node that runs a1 and answers. */
async function running(
  health: { http: string; expect: string | null; within_ms: number } | null = {
    http: 'http://n1/',
    expect: '$VERSION $SHA',
    within_ms: 60_000,
  },
): Promise<void> {
  clock = new HandClock();
  asked = [];
  answer = { status: 'matching', detail: '200' };
  scene = await openScene({
    tiers: [{ id: 'host' }, { id: 'staging', nodes: ['n1'] }],
    ...(health === null ? {} : { health }),
    deps: {
      clock,
      transport: { deploy: async () => ({ ok: true }), current: async () => current },
      probe: async (it) => (asked.push(it), answer),
    },
  });
  current = versionOf('a1');
  scene.line.push('a1').buildPassed().deployOk('staging', 'n1');
}

function withSecondNode(): ProjectConfig {
  const [host, staging] = scene.project.tiers;
  const [first] = staging?.nodes ?? [];
  if (host === undefined || staging === undefined || first === undefined) throw new Error('the line has other tiers');
  return { ...scene.project, tiers: [host, { ...staging, nodes: [first, { ...first, id: NodeId.parse('n2') }] }] };
}

/** Asks, and stores what is new. */
async function look(when: 'always' | 'changed' = 'changed'): Promise<Fact[]> {
  const facts = await observe(scene.deps, AT, when);
  for (const fact of facts) await scene.recording.record({ type: 'fact', fact, actor: 'system:pipeline' });
  return facts;
}

describe('one node', () => {
  test.each<Answered>([
    { status: 'matching', detail: '200, as expected' },
    { status: 'differs', detail: '200, something else', body: 'something else' },
    { status: 'unreachable', detail: 'connection refused' },
  ])('that says $status is recorded so, with when it was asked and what its current names', async (said) => {
    await running();
    answer = said;
    expect(await look('always')).toEqual([
      {
        fact: 'observed',
        project: 'hello',
        event: {
          kind: 'node_observed',
          tier: 'staging',
          node: 'n1',
          version: versionOf('a1'),
          status: said.status,
          detail: said.detail,
          checked_at: new Date(clock.now()).toISOString(),
        },
        asked_after: scene.line.node('staging', 'n1').deploy?.seq_no,
      },
    ]);
    expect(scene.line.node('staging', 'n1').observed).toMatchObject({ status: said.status, version: versionOf('a1') });
  });

  test('is asked for what it should run: the release that its current names, and no longer than two seconds', async () => {
    await running();
    await look();
    expect(asked).toMatchObject([{ http: 'http://n1/', expect: `${versionOf('a1')} ${shaOf('a1')}`, timeout_ms: 2000 }]);
  });

  test('what it answers is told without secrets, and not at all when they cannot be had', async () => {
    await running();
    scene.deps.secrets = () => ({ TOKEN: 'hunter-22' });
    await look();
    expect(asked[0]?.masked?.('not with hunter-22')).toBe('not with ***');
    scene.deps.secrets = () => {
      throw new Error('the secret `TOKEN` cannot be read');
    };
    expect(asked[0]?.masked?.('not with hunter-22')).toBe('***');
  });

  test('without a health check answers by its link, and says so', async () => {
    await running(null);
    expect(await look()).toMatchObject([{ event: { status: 'answers', detail: 'no health check is configured' } }]);
    expect(asked).toEqual([]);
  });

  test.each([
    [null, 'it has no link `current`'],
    [undefined, 'its folder or its link `current` cannot be read'],
    ['not a version', 'its link `current` names no release'],
  ])('whose current is %s does not answer, and what it runs is not guessed', async (link, detail) => {
    await running();
    await look();
    current = link;
    const checked_at = new Date(clock.now()).toISOString();
    expect(await look()).toMatchObject([{ event: { kind: 'node_observed', node: 'n1', status: 'unreachable', detail } }]);
    expect(scene.line.node('staging', 'n1').observed).toEqual({ status: 'unreachable', version: null, detail, checked_at });
    expect(await look()).toEqual([]);
    current = versionOf('a1');
    expect(await look()).toMatchObject([{ event: { status: 'matching', version: versionOf('a1') } }]);
  });

  test('that was given nothing yet has nothing to say', async () => {
    await running();
    scene.line.reload({ id: 'host' }, { id: 'staging', nodes: ['n1', 'n2'] });
    scene.deps.config = () => ({ file: '', hash: '', public_url: null, projects: [withSecondNode()] });
    current = null;
    expect(await observe(scene.deps, { ...AT, node: NodeId.parse('n2') }, 'always')).toEqual([]);
  });

  test('an answer that is not in time is none', async () => {
    await running();
    expect(await observe(scene.deps, AT, 'always', AbortSignal.abort())).toEqual([]);
  });
});

describe('an unchanged answer', () => {
  test('is not recorded again before ten minutes, then once', async () => {
    await running();
    expect(await look('always')).toHaveLength(1);
    clock.advance(10 * MINUTE_MS - 1);
    expect(await look()).toEqual([]);
    clock.advance(1);
    expect(await look()).toHaveLength(1);
    expect(await look()).toEqual([]);
  });

  test('is recorded when it was asked for', async () => {
    await running();
    await look();
    expect(await look('always')).toHaveLength(1);
  });

  test('another status, or another version, is news', async () => {
    await running();
    await look();
    answer = { status: 'unreachable', detail: 'connection refused' };
    expect(await look()).toHaveLength(1);
    current = versionOf('b2');
    expect(await look()).toHaveLength(1);
    expect(await look()).toEqual([]);
  });
});

describe('the watch', () => {
  test('has asked when it has started, asks again every ten seconds, and not after close', async () => {
    await running();
    const watch = new NodeWatch(scene.deps);
    await watch.start();
    expect(scene.line.node('staging', 'n1').observed?.status).toBe('matching');
    expect(clock.waiting).toEqual([clock.now() + 10_000]);
    answer = { status: 'unreachable', detail: 'connection refused' };
    clock.advance(10_000);
    await vi.waitFor(() => expect(scene.line.node('staging', 'n1').observed?.status).toBe('unreachable'));
    await vi.waitFor(() => expect(clock.waiting).toHaveLength(1));
    watch.close();
    watch.close();
    expect(clock.waiting).toEqual([]);
    expect(scene.reports).toEqual([]);
  });

  test('leaves a node alone while a deploy works on it', async () => {
    await running();
    scene.line.push('b2').buildPassed();
    const watch = new NodeWatch(scene.deps);
    await watch.start();
    watch.close();
    expect(asked).toEqual([]);
  });

  test('reports a node that cannot be asked once, not every round', async () => {
    await running();
    scene.deps.config = () => ({ file: '', hash: '', public_url: null, projects: [] });
    const watch = new NodeWatch(scene.deps);
    await watch.start();
    clock.advance(10_000);
    await vi.waitFor(() => expect(clock.waiting).toHaveLength(1));
    watch.close();
    expect(scene.reports).toEqual(['hello/staging/n1 could not be asked what it runs: hello is no longer in the config.']);
  });
});
