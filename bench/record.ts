/**
 * What the recorder costs: append, fold and publish through it, against bare node:sqlite that stores the same texts in groups of the
 * same size with the same durability. Run: `node bench/record.ts`. Takes a few seconds; absolute numbers are this machine's, the ratio travels.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { EventBus } from '../server/bus/event_bus.ts';
import { systemClock } from '../server/clock.ts';
import { openSqliteEventLog } from '../server/eventlog/sqlite.ts';
import type { Intent } from '../server/pipeline/intent.ts';
import { Recorder } from '../server/recorder.ts';
import { systemRandom } from '../server/uuid.ts';
import { ACTIVITY_KEPT, EMPTY_STATE, type State } from '../src/shared/fold/state.ts';
import { encodeEnvelopes } from '../src/shared/protocol/codec.ts';
import type { Envelope } from '../src/shared/protocol/envelope.ts';
import { ProjectId } from '../src/shared/protocol/ids.ts';

const ROUND_MS = 700;
const GROUPS = [1, 64, 1024];

const intent: Intent = {
  type: 'fact',
  fact: {
    fact: 'events',
    project: ProjectId.parse('hello'),
    events: [{ kind: 'backup_fetched', source: 'postgres://db/production', byte_size: 123_456_789 }],
  },
  actor: 'system:pipeline',
};

/** A small fold: the cost of the real one is not the recorder's. */
const fold = (state: State, envelope: Envelope): State => ({
  ...state,
  seq_no: envelope.seq_no,
  at: envelope.at,
  activity: state.activity.length < ACTIVITY_KEPT ? [...state.activity, envelope] : [envelope],
});

async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-bench-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Repeats `round` for about ROUND_MS. @returns events per second. */
async function rate(group: number, round: () => Promise<void> | void): Promise<number> {
  for (let warm = 0; warm < 3; warm++) await round();
  const begin = performance.now();
  let events = 0;
  while (performance.now() - begin < ROUND_MS) {
    await round();
    events += group;
  }
  return (events * 1000) / (performance.now() - begin);
}

/** @returns events per second, and one stored text, for the comparison. */
function throughRecorder(group: number): Promise<{ perSecond: number; sample: Envelope }> {
  return inFolder(async (folder) => {
    const log = await openSqliteEventLog({ folder, clock: systemClock, random: systemRandom });
    const bus = new EventBus<Envelope>({ report: console.error });
    const readers = Array.from({ length: 10 }, () => bus.subscribe());
    const recorder = await Recorder.open({
      log,
      clock: systemClock,
      random: systemRandom,
      decide: (asked) =>
        asked.type === 'fact' && asked.fact.fact === 'events'
          ? { type: 'events', drafts: [{ project: asked.fact.project, event: asked.fact.events[0]! }] }
          : { type: 'nothing', why: 'not in this benchmark' },
      fold,
      publish: (envelope) => void bus.publish(envelope),
      initial: EMPTY_STATE,
      report: console.error,
    });
    const perSecond = await rate(group, async () => {
      await Promise.all(Array.from({ length: group }, () => recorder.record(intent)));
    });
    for (const reader of readers) reader.close();
    const { envelopes } = await log.read(0, 1);
    await recorder.close();
    await log.close();
    return { perSecond, sample: envelopes[0]! };
  });
}

function bare(group: number, sample: Envelope): Promise<number> {
  return inFolder(async (folder) => {
    const db = new DatabaseSync(join(folder, 'bare.db'));
    db.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE commits (first_seq INTEGER PRIMARY KEY, envelopes TEXT NOT NULL) STRICT',
    );
    const insert = db.prepare('INSERT INTO commits VALUES (?, ?)');
    const text = encodeEnvelopes([sample]);
    let seq_no = 0;
    const perSecond = await rate(group, () => {
      db.exec('BEGIN IMMEDIATE');
      for (let i = 0; i < group; i++) insert.run(++seq_no, text);
      db.exec('COMMIT');
    });
    db.close();
    return perSecond;
  });
}

console.log('events in flight   recorder events/s   bare node:sqlite events/s   recorder/bare');
for (const group of GROUPS) {
  const { perSecond, sample } = await throughRecorder(group);
  const reference = await bare(group, sample);
  console.log(
    `${String(group).padStart(16)}   ${perSecond.toFixed(0).padStart(17)}   ${reference.toFixed(0).padStart(25)}   ${(perSecond / reference).toFixed(2).padStart(13)}`,
  );
}
