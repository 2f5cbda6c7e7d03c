/**
 * The least that an event log of ours can be: bare node:sqlite again, in groups of the same size, but what is stored is chained by hash, a used key
 * is remembered, and every event is folded, one after the other, as deciding on the next one needs. It decides, numbers, checks, anchors, publishes
 * and answers nothing: its events are made before the clock runs. What the recorder takes beyond it is the recorder itself.
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { systemClock } from '../../server/clock.ts';
import type { Commit } from '../../server/eventlog/port.ts';
import { GENESIS_HASH, seal, type Link } from '../../server/eventlog/row.ts';
import type { Intent } from '../../server/pipeline/intent.ts';
import { KeyIndex } from '../../server/recorder/key_index.ts';
import { stamp } from '../../server/recorder/stamp.ts';
import { idSource, systemRandom } from '../../server/uuid.ts';
import { fold } from '../../src/shared/fold/fold.ts';
import { Scratch } from '../../src/shared/fold/scratch.ts';
import { EMPTY_STATE, type State } from '../../src/shared/fold/state.ts';
import type { Answer } from '../../src/shared/protocol/commands.ts';
import { costOf, type Cost } from './cost.ts';
import { decide } from './decide.ts';
import { drawLine } from './release_line.ts';
import type { Line } from './sides.ts';
import { removeFolder, tempFolder } from './temp_folder.ts';

export interface FloorSide {
  /** As many events as asked, in one transaction for each group. @returns what it cost, without making the events. */
  record(events: number, group: number): Promise<Cost>;
  close(): void;
}

export function floorSide(line: Line): FloorSide {
  const folder = tempFolder();
  const db = new DatabaseSync(join(folder, 'floor.db'));
  db.exec(
    `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
     CREATE TABLE rows (first_seq INTEGER PRIMARY KEY, commits TEXT NOT NULL, hash TEXT NOT NULL) STRICT`,
  );
  const insert = db.prepare('INSERT INTO rows VALUES (?, ?, ?)');
  const keys = new KeyIndex();
  const next = line();
  const commitOf = committing();
  let newest: Link = { last_seq: 0, hash: GENESIS_HASH };
  let state: State = [commitOf(drawLine)].flatMap(({ envelopes }) => envelopes).reduce(fold, EMPTY_STATE);

  function store(commits: readonly Commit[]): void {
    const scratch = new Scratch();
    scratch.within(() => {
      for (const { envelopes } of commits) for (const envelope of envelopes) state = fold(state, envelope);
    });
    const rows = seal(commits, newest);
    db.exec('BEGIN IMMEDIATE');
    for (const row of rows) insert.run(row.first_seq, row.commits, row.hash);
    db.exec('COMMIT');
    newest = rows.at(-1) ?? newest;
    const at_ms = systemClock.now();
    for (const { key, body_hash = null, first_seq } of commits)
      if (key !== undefined) keys.add(key, { body_hash, answer: applied(first_seq), at_ms }, at_ms);
  }

  return {
    record(events, group) {
      const commits = next(events).map(commitOf);
      return costOf(() => {
        for (let at = 0; at < events; at += group) store(commits.slice(at, at + group));
      });
    },
    close() {
      db.close();
      removeFolder(folder);
    },
  };
}

const applied = (seq_no: number): Answer => ({ status: 'applied', seq_no });

/** @returns what the recorder would store for an intent, one after another. */
function committing(): (intent: Intent) => Commit {
  const idAt = idSource(systemRandom);
  let seq_no = 0;
  return (intent) => {
    const decision = decide(intent);
    if (decision.type !== 'events') throw new Error('every intent of the benchmark becomes an event');
    const [first_seq, key] = [seq_no + 1, intent.type === 'command' ? intent.key : null];
    const envelopes = stamp(decision.drafts, { first_seq, at_ms: systemClock.now(), idAt, actor: intent.actor, key });
    seq_no += envelopes.length;
    if (intent.type !== 'command' || key === null) return { first_seq, envelopes };
    return { first_seq, envelopes, key, ...(intent.body_hash === null ? {} : { body_hash: intent.body_hash }), answer: applied(first_seq) };
  };
}
