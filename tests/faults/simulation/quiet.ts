/** A world at rest: whether everything owed has come to its end, and whether what everybody sees is then the same. */
import { decodeLossy } from '../../../server/logstore/utf8_cut.ts';
import { pending } from '../../../server/pipeline/pending.ts';
import type { Disk } from './disk.ts';
import type { Life } from './life.ts';
import type { Machine } from './machine.ts';
import type { Operator } from './operator.ts';
import type { PlainReader } from './plain_reader.ts';
import type { Promises } from './promises.ts';
import type { RunFiles } from './run_logs.ts';
import type { Viewer } from './viewer.ts';

export interface Inside {
  life: Life | null;
  disk: Disk;
  files: RunFiles;
  machine: Machine;
  operators: readonly Operator[];
  viewers: readonly Viewer[];
  plain: PlainReader;
  promises: Promises;
}

/** @returns what has not come to its end yet. */
export function owedIn({ life, disk, files, machine, operators, viewers, plain }: Inside): string | null {
  if (life?.up !== true || life.recorder === null) return 'no server is up';
  const [effect] = pending(life.recorder.state());
  if (effect !== undefined) return `run ${effect.run_id} (${effect.type}) is still owed`;
  if (machine.children.size > 0) return 'a process still runs';
  if (operators.some(({ waiting }) => waiting > 0)) return 'an operator still waits for an answer';
  for (const viewer of viewers)
    if (!viewer.live || viewer.state.seq_no !== disk.head) return `${viewer.name} is at ${viewer.state.seq_no} of ${disk.head}`;
  if (plain.upto !== disk.head) return `the plain reader is at ${plain.upto} of ${disk.head}`;
  for (const viewer of viewers) {
    for (const [run_id, { offset }] of viewer.shown) {
      const { length } = files.bytesOf(run_id);
      if (offset !== length) return `${viewer.name} shows ${offset} of ${length} bytes of run ${run_id}`;
    }
  }
  return null;
}

/** What must be so once everything has come to its end. */
export function concludeIn({ life, disk, files, viewers, promises }: Inside, violated: (what: string) => void): void {
  const state = life?.recorder?.state();
  if (state === undefined) return;
  promises.sameState('the server', state);
  for (const viewer of viewers) {
    promises.sameState(viewer.name, viewer.state);
    if (viewer.epoch !== disk.epoch) violated(`${viewer.name} is of epoch ${viewer.epoch}`);
    for (const [run_id, { text }] of viewer.shown)
      if (text !== decodeLossy(files.bytesOf(run_id))) violated(`${viewer.name} shows another log of run ${run_id} than its file`);
  }
  for (const [key, answer] of promises.told) {
    const now = life?.recorder?.answerOf(key);
    if (JSON.stringify(now) !== JSON.stringify(answer))
      violated(`${key} was answered ${JSON.stringify(answer)}, now ${JSON.stringify(now)}`);
  }
}
