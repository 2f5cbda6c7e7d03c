/** A start from a snapshot gives what a start from the whole log gives. A failure prints the seed and the steps. */
import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fold } from '../../src/shared/fold/fold.ts';
import { EMPTY_STATE } from '../../src/shared/fold/state.ts';
import type { Envelope } from '../../src/shared/protocol/envelope.ts';
import { memoryEventLog } from '../eventlog/memory.ts';
import type { Commit, EventLog } from '../eventlog/port.ts';
import { start, walk } from '../pipeline/walk.ts';
import { steps } from '../pipeline/walk_steps.ts';
import { Recorder } from '../recorder.ts';
import { KEY_KEPT_MS } from '../recorder/key_index.ts';
import { RunMemory } from '../run_index.ts';
import { systemRandom } from '../uuid.ts';
import { SnapshotStore } from './snapshot_store.ts';
import type { Snapshot } from './snapshot.ts';

const RUNS = 40;

/** As the recorder made them: every third commit was a command's, with its key. */
function commitsOf(log: readonly Envelope[], sizes: readonly number[]): Commit[] {
  const commits: Commit[] = [];
  for (let at = 0; at < log.length; at += commits.at(-1)?.envelopes.length ?? 0) {
    const envelopes = log.slice(at, at + (sizes[commits.length % sizes.length] ?? 1));
    const first_seq = at + 1;
    const command = commits.length % 3 === 0;
    const asked = { key: `k${first_seq}`, body_hash: 'b', answer: { status: 'applied', seq_no: first_seq } };
    commits.push({ first_seq, envelopes, ...(command ? asked : {}) });
  }
  return commits;
}

async function boot(log: EventLog, now_ms: number, from: Snapshot | null): Promise<{ folded: number; found: Snapshot; keys: unknown[] }> {
  const memory = new RunMemory();
  if (from !== null) memory.restore(from.runs, from.state);
  let folded = 0;
  const recorder = await Recorder.open({
    log,
    clock: { now: () => now_ms, steady: () => now_ms, wakeAt: () => () => undefined, after: () => () => undefined },
    random: systemRandom,
    decide: () => ({ type: 'nothing', why: '' }),
    fold(state, envelope) {
      folded++;
      const next = fold(state, envelope);
      memory.observe(next);
      return next;
    },
    publish: () => undefined,
    initial: EMPTY_STATE,
    report: () => undefined,
    ...(from === null ? {} : { from }),
  });
  const keys = Array.from({ length: log.bounds().head }, (_, at) => recorder.answerOf(`k${at + 1}`));
  return { folded, found: { ...recorder.standpoint(), runs: memory.all() }, keys };
}

test('state, keys and runs: a snapshot at any commit and what comes after are the whole log', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(2),
      steps,
      fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 }),
      fc.nat(),
      fc.constantFrom(0, KEY_KEPT_MS / 2, KEY_KEPT_MS * 2),
      async (releases, walked, sizes, cut, later_ms) => {
        const line = start(releases);
        walk(line, walked, () => undefined);
        const commits = commitsOf(line.log, sizes);
        const at = 1 + (cut % commits.length);
        const folder = mkdtempSync(join(tmpdir(), 'signalbox-standpoint-'));
        try {
          const log = memoryEventLog();
          await log.append(commits.slice(0, at), { expect_head: 0 });
          const store = new SnapshotStore({ folder, log, report: (message) => expect.unreachable(message) });
          await store.write((await boot(log, line.now_ms, null)).found);
          await log.append(commits.slice(at), { expect_head: log.bounds().head });
          const from = await store.newest();
          const short = await boot(log, line.now_ms + later_ms, from);
          const whole = await boot(log, line.now_ms + later_ms, null);
          expect(short.found.state).toStrictEqual(whole.found.state);
          expect(short.found.runs).toStrictEqual(whole.found.runs);
          expect(short.keys).toStrictEqual(whole.keys);
          expect([short.found.seq_no, short.found.at_ms]).toEqual([whole.found.seq_no, whole.found.at_ms]);
          expect(short.folded).toBe(log.bounds().head - (from?.seq_no ?? 0));
        } finally {
          rmSync(folder, { recursive: true, force: true });
        }
      },
    ),
    { numRuns: RUNS },
  );
});
