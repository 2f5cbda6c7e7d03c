/** The two sides of the comparison: the recorder with everything on, and node:sqlite with nothing but the texts. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { EventBus } from '../../server/bus/event_bus.ts';
import { systemClock } from '../../server/clock.ts';
import { READ_LIMIT, type EventLog } from '../../server/eventlog/port.ts';
import { openSqliteEventLog } from '../../server/eventlog/sqlite.ts';
import type { Intent } from '../../server/pipeline/intent.ts';
import { Recorder } from '../../server/recorder.ts';
import { systemRandom } from '../../server/uuid.ts';
import { fold } from '../../src/shared/fold/fold.ts';
import { EMPTY_STATE, type State } from '../../src/shared/fold/state.ts';
import { encodePlain } from '../../src/shared/protocol/codec.ts';
import type { Envelope } from '../../src/shared/protocol/envelope.ts';
import { costOf, type Cost } from './cost.ts';
import { decide } from './decide.ts';
import { drawLine } from './release_line.ts';
import { removeFolder, tempFolder } from './temp_folder.ts';

const READERS = 10;

/** Gives as many intents as asked at each call. */
export type Line = () => (count: number) => Intent[];

export interface RecorderSide {
  log: EventLog;
  /** Records as many events as asked, `group` at a time. @returns what it cost, without making the intents. */
  record(events: number, group: number): Promise<Cost>;
  close(): Promise<void>;
}

/** Events that are folded of a history: more than the fold keeps anything of, so that its state is as large as after all of them. */
const FOLDED_EVENTS = 5_000;
const HISTORY_GROUP = 1_024;

/**
 * Everything on: schema check, hash chain, anchor, key index, the real fold, readers of what is published (who leave it lying in the ring).
 * @param history events before the first one measured, written through a recorder too, but folded only towards the end.
 */
export async function recorderSide(line: Line, history = 0): Promise<RecorderSide> {
  const folder = tempFolder();
  const log = await openSqliteEventLog({ folder, clock: systemClock, random: systemRandom });
  const bus = new EventBus<Envelope>({ report: console.error });
  const readers = Array.from({ length: READERS }, () => bus.subscribe());
  const deps = { log, clock: systemClock, random: systemRandom, decide, initial: EMPTY_STATE, report: console.error };
  const next = line();
  const publish = (envelope: Envelope): void => void bus.publish(envelope);
  const writer = await Recorder.open({ ...deps, publish, fold: (state, { seq_no, at }) => ({ ...state, seq_no, at }) });
  await writer.record(drawLine);
  for (let left = history; left > 0; left -= HISTORY_GROUP) await all(writer, next(Math.min(left, HISTORY_GROUP)));
  const state = await folded(log);
  await writer.close();
  const recorder = await Recorder.open({ ...deps, publish, fold, from: { ...writer.standpoint(), state } });
  return {
    log,
    async record(events, group) {
      const intents = next(events);
      return costOf(async () => {
        for (let at = 0; at < events; at += group) await all(recorder, intents.slice(at, at + group));
      });
    },
    async close() {
      for (const reader of readers) reader.close();
      await recorder.close();
      await log.close();
      removeFolder(folder);
    },
  };
}

async function all(recorder: Recorder, intents: readonly Intent[]): Promise<void> {
  await Promise.all(intents.map((intent) => recorder.record(intent)));
}

/** The line as it was drawn, and what happened on it lately. */
async function folded(log: EventLog): Promise<State> {
  const { head } = log.bounds();
  let state = (await log.read(0, 1)).envelopes.reduce(fold, EMPTY_STATE);
  for (let after = Math.max(1, head - FOLDED_EVENTS); after < head;) {
    const { envelopes, upto } = await log.read(after, READ_LIMIT);
    state = envelopes.reduce(fold, state);
    after = upto;
  }
  return state;
}

export interface BareSide {
  /** As many events as asked, in one transaction for each group. */
  insert(events: number, group: number): void;
  close(): void;
}

/** Stores a number and a text for each event. @param texts `given`: they are ready; `prints`: each is printed before it is inserted. */
export function bareSide(texts: 'given' | 'prints', samples: readonly Envelope[]): BareSide {
  const folder = tempFolder();
  const db = new DatabaseSync(join(folder, 'bare.db'));
  db.exec(
    `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE events (seq_no INTEGER PRIMARY KEY, event TEXT NOT NULL) STRICT`,
  );
  const insert = db.prepare('INSERT INTO events VALUES (?, ?)');
  const events = samples.map((envelope) => ({ envelope, text: encodePlain(envelope) }));
  let seq_no = 0;
  return {
    insert(count, group) {
      for (let at = 0; at < count; at += group) {
        db.exec('BEGIN IMMEDIATE');
        for (let i = 0; i < group; i++) {
          seq_no += 1;
          const event = events[seq_no % events.length];
          if (event !== undefined) insert.run(seq_no, texts === 'given' ? event.text : encodePlain(event.envelope));
        }
        db.exec('COMMIT');
      }
    },
    close() {
      db.close();
      removeFolder(folder);
    },
  };
}

/** The first events of a line, as the event log has them. */
export async function sampleEnvelopes(line: Line, count: number): Promise<Envelope[]> {
  const side = await recorderSide(line);
  await side.record(count, count);
  const { envelopes } = await side.log.read(0, count);
  await side.close();
  return [...envelopes];
}
