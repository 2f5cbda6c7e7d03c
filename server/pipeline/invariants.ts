/** Test support: what holds after every commit, whatever happened. Each check names the promise it would break. */
import assert from 'node:assert/strict';
import { fold } from '../../src/shared/fold/fold.ts';
import { holdOn } from '../../src/shared/fold/entry.ts';
import { findRelease, findTier, isOccupied, missingGates, tierBefore, tierVerdict } from '../../src/shared/fold/select.ts';
import type { ProjectState, Run, State } from '../../src/shared/fold/state.ts';
import { isKnown, type Envelope } from '../../src/shared/protocol/envelope.ts';
import { consequences } from './consequences.ts';
import { pending } from './pending.ts';

export function isOpen(run: Run): boolean {
  return run.status === 'running' || run.status === 'blocked';
}

/** Remembers across the commits of one walk. */
export class Watch {
  readonly #settled = new Map<number, string>();
  readonly #auto = new Set<string>();

  /** @param before state before the commit; @param after the state it led to. */
  check(before: State, commit: readonly Envelope[], after: State): void {
    let state = before;
    for (const envelope of commit) {
      assert.equal(envelope.seq_no, state.seq_no + 1, 'seq_no has no holes');
      this.#entering(state, envelope);
      state = fold(state, envelope);
    }
    assert.deepEqual(state, after);
    for (const envelope of commit) assert.equal(fold(after, envelope), after, 'what was folded is not folded again');
    for (const project of after.projects) this.#project(after, project);
  }

  #entering(state: State, envelope: Envelope): void {
    const project = state.projects.find((p) => p.id === envelope.project);
    if (project === undefined || !isKnown(envelope)) return;
    if (envelope.kind === 'rollback_requested') {
      const tier = findTier(project, envelope.tier);
      assert.ok(tier !== undefined && holdOn(project, tier, envelope.to) === undefined, 'a rollback never brings back what is held');
    }
    if (envelope.kind !== 'promote_requested') return;
    const tier = findTier(project, envelope.tier);
    assert.ok(tier !== undefined);
    assert.equal(holdOn(project, tier, envelope.version), undefined, 'nothing enters a tier that holds it');
    assert.equal(tier.frozen, null, 'nothing enters a frozen tier');
    assert.equal(tier.move, null, 'nothing enters a tier where a deploy runs');
    if (envelope.auto !== true) return;
    const entering = `${tier.id} ${envelope.version}`;
    assert.ok(!this.#auto.has(entering), `${entering}: by itself only once`);
    this.#auto.add(entering);
    assert.ok(!isOccupied(tier), 'a tier is a block');
    assert.ok(tier.auto_promote && (tier.hand_only === null || project.tiers[0] === tier), 'after a stop only a hand promotes');
  }

  #project(state: State, project: ProjectState): void {
    const runs = project.runs;
    const open = runs.filter(isOpen);
    this.#settling(runs);
    assert.ok(open.filter((run) => run.type === 'build').length <= 1, 'one build at a time');
    const owed = new Set(pending(state).map((effect) => effect.run_id));
    for (const run of open) {
      const asks =
        run.gate_kind === 'manual_confirm' &&
        findTier(project, run.tier ?? '')?.current?.gates[run.gate ?? '']?.status === 'awaiting_confirm';
      assert.ok(asks || owed.has(run.run_id), `run ${run.run_id} is under way and owed`);
    }
    const openIds = new Set(open.map((run) => run.run_id));
    for (const run_id of owed) assert.ok(openIds.has(run_id), `run ${run_id} is owed and under way`);
    assert.deepEqual(
      consequences(project, state.at ?? '', () => 0),
      [],
      'nothing is owed but what runs',
    );
    for (const tier of project.tiers) {
      const here = open.filter((run) => run.tier === tier.id);
      const nodes = here.flatMap((run) => run.node ?? []);
      assert.equal(new Set(nodes).size, nodes.length, 'one deploy a node');
      assert.ok(here.filter((run) => run.type === 'gate').length <= 1, 'one gate after another');
      assert.equal(
        tier.move !== null,
        here.some((run) => run.type === 'deploy'),
        'a move moves',
      );
      const { current, next } = tier;
      const last = tierBefore(project, tier);
      if (next !== null && last !== undefined)
        assert.ok(findRelease(project, next.version)?.satisfied.includes(last.id), 'what is next has satisfied the tier before');
      if (current !== null && current.entry !== 'rollback' && (current.deployed === 'pending' || missingGates(tier).length > 0))
        assert.ok(findRelease(project, current.version)?.satisfied.includes(tier.id) === false, 'satisfied is who has passed every gate');
      assert.notEqual(tierVerdict(tier).type, 'queued', 'a gate that can start has started');
      for (const version of [
        tier.intended?.version,
        tier.current?.version,
        tier.next?.version,
        ...tier.held.map((hold) => hold.version),
        ...tier.completed,
      ]) {
        assert.ok(
          version === undefined || project.releases.some((release) => release.version === version),
          `${version ?? ''} is a release`,
        );
      }
    }
    assert.equal(new Set(project.releases.map((release) => release.version)).size, project.releases.length, 'one release a version');
  }

  #settling(runs: readonly Run[]): void {
    for (const run of runs) {
      const was = this.#settled.get(run.run_id);
      if (was !== undefined) assert.equal(JSON.stringify(run), was, `run ${run.run_id} stays settled`);
      else if (!isOpen(run)) this.#settled.set(run.run_id, JSON.stringify(run));
    }
  }
}
