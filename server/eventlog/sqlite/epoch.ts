/**
 * Decides, when a log is opened, whether it is still the log it was: compares it with its anchor, and begins a new epoch when history
 * was lost or exchanged. Everybody who holds a position of the old epoch then knows that it means nothing here.
 */
import type { DatabaseSync } from 'node:sqlite';
import { instant, type Clock } from '../../clock.ts';
import type { RandomBytes } from '../../uuid.ts';
import type { EventLog } from '../port.ts';
import type { Link } from '../row.ts';
import type { Anchor, AnchorFile } from './anchor.ts';
import { integer, text } from './columns.ts';
import { Links } from './links.ts';

export interface Opened {
  epoch: string;
  floor: Link;
  head: Link;
  lost: EventLog['lost'];
}

export type Loss = NonNullable<EventLog['lost']>;
const RANDOM_BYTES = 6;

export function generationOf(epoch: string): number {
  return Number.parseInt(epoch, 10);
}

/** What the anchor proves to be gone; null when the log continues it. */
function findLoss(links: Links, anchor: Anchor | null, head: Link, epoch: string | null): Loss | null {
  if (anchor === null) {
    if (head.last_seq === 0) return null;
    // Nothing is known to be gone, and nothing proves the contrary: an empty range.
    return {
      from: head.last_seq + 1,
      to: head.last_seq,
      why: 'the anchor file was missing or damaged, so it is not known whether later events were lost',
    };
  }
  if (anchor.head > head.last_seq)
    return { from: head.last_seq + 1, to: anchor.head, why: 'the event log ended before the last event it had acknowledged' };
  // An anchor stands at the end of a row.
  if (anchor.head > links.floor.last_seq && links.at(anchor.head).hash !== anchor.hash)
    return { from: anchor.head, to: anchor.head, why: 'the event log was exchanged for one with another history' };
  if (epoch !== null && generationOf(anchor.epoch) > generationOf(epoch)) {
    return { from: head.last_seq + 1, to: head.last_seq, why: 'an older copy of the event log was put back' };
  }
  return null;
}

/** Losses no history_gap event tells of yet, as one. */
function untold(db: DatabaseSync): Loss | null {
  const row =
    db
      .prepare("SELECT min(lost_from) AS lost_from, max(lost_to) AS lost_to, group_concat(why, '; ') AS why FROM epochs WHERE told = 0")
      .get() ?? {};
  return row['lost_from'] == null ? null : { from: integer(row, 'lost_from'), to: integer(row, 'lost_to'), why: text(row, 'why') };
}

export interface Settling {
  clock: Clock;
  random: RandomBytes;
}

/** Brings the anchor and the epoch up to what is in the database. @throws the errors of SQLite and of the file system. */
export function settleEpoch(db: DatabaseSync, file: AnchorFile, by: Settling): Opened {
  const links = new Links(db);
  const { floor } = links;
  const head = links.head();
  const known = newestEpoch(db);
  const { anchor } = file;
  const loss = findLoss(links, anchor, head, known);
  if (known !== null && loss === null) {
    if (anchor?.head !== head.last_seq || anchor.epoch !== known) file.writeDurably({ head: head.last_seq, hash: head.hash, epoch: known });
    return { epoch: known, floor, head, lost: untold(db) };
  }
  const generation = Math.max(known === null ? 0 : generationOf(known), anchor === null ? 0 : generationOf(anchor.epoch)) + 1;
  const epoch = beginEpoch(db, file, { generation, head, loss, ...by });
  return { epoch, floor, head, lost: untold(db) };
}

/** The epoch in force; null in a database that was just made. */
export function newestEpoch(db: DatabaseSync): string | null {
  const newest = db.prepare('SELECT epoch FROM epochs ORDER BY generation DESC LIMIT 1').get();
  return newest === undefined ? null : text(newest, 'epoch');
}

/** Writes the new epoch first and the anchor after: a crash in between finds the same loss again. @returns the epoch. */
export function beginEpoch(
  db: DatabaseSync,
  file: AnchorFile,
  { generation, head, loss, clock, random }: Settling & { generation: number; head: Link; loss: Loss | null },
): string {
  const epoch = `${generation}-${Buffer.from(random(RANDOM_BYTES)).toString('hex')}`;
  db.exec('BEGIN IMMEDIATE');
  try {
    const insert = db.prepare(
      'INSERT INTO epochs (generation, epoch, began_at, after_seq, lost_from, lost_to, why, told) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    );
    const { from = null, to = null, why = null } = loss ?? {};
    insert.run(generation, epoch, instant(clock.now()), head.last_seq, from, to, why, loss === null ? 1 : 0);
    // Numbers after the head will be given out anew: a consumer must not take them for ones it has seen.
    db.prepare('UPDATE consumers SET seq_no = min(seq_no, ?)').run(head.last_seq);
    db.exec('COMMIT');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
  // Every slot, or a torn write would bring back the anchor of the history that is gone.
  file.replace({ head: head.last_seq, hash: head.hash, epoch });
  return epoch;
}
