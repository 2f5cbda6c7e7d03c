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
import { integer, text } from './database.ts';

export interface Opened {
  epoch: string;
  floor: Link;
  head: Link;
  lost: EventLog['lost'];
}

type Loss = NonNullable<EventLog['lost']>;
const RANDOM_BYTES = 6;

function generationOf(epoch: string): number {
  return Number.parseInt(epoch, 10);
}

function linkOf(db: DatabaseSync, sql: string, ...values: number[]): Link | null {
  const row = db.prepare(sql).get(...values);
  return row === undefined ? null : { last_seq: integer(row, 'last_seq'), hash: text(row, 'hash') };
}

/** What the anchor proves to be gone; null when the log continues it. */
function findLoss(db: DatabaseSync, anchor: Anchor | null, floor: Link, head: Link, epoch: string | null): Loss | null {
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
  // The commit that holds the anchor's event, found by the primary key; an anchor stands at the end of one.
  const at = linkOf(db, 'SELECT last_seq, hash FROM commits WHERE first_seq <= ? ORDER BY first_seq DESC LIMIT 1', anchor.head);
  if (anchor.head > floor.last_seq && at?.hash !== anchor.hash)
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

/** Writes the new epoch first and the anchor after: a crash in between finds the same loss again. */
export function settleEpoch(db: DatabaseSync, file: AnchorFile, { clock, random }: { clock: Clock; random: RandomBytes }): Opened {
  const floor = linkOf(db, 'SELECT last_seq, hash FROM floor') ?? { last_seq: 0, hash: '' };
  const head = linkOf(db, 'SELECT last_seq, hash FROM commits ORDER BY first_seq DESC LIMIT 1') ?? floor;
  const newest = db.prepare('SELECT epoch FROM epochs ORDER BY generation DESC LIMIT 1').get();
  const known = newest === undefined ? null : text(newest, 'epoch');
  const { anchor } = file;
  const loss = findLoss(db, anchor, floor, head, known);
  if (known !== null && loss === null) {
    if (anchor?.head !== head.last_seq || anchor.epoch !== known) file.write({ head: head.last_seq, hash: head.hash, epoch: known });
    return { epoch: known, floor, head, lost: untold(db) };
  }
  const generation = Math.max(known === null ? 0 : generationOf(known), anchor === null ? 0 : generationOf(anchor.epoch)) + 1;
  const epoch = `${generation}-${Buffer.from(random(RANDOM_BYTES)).toString('hex')}`;
  db.exec('BEGIN IMMEDIATE');
  try {
    db.prepare(
      'INSERT INTO epochs (generation, epoch, began_at, after_seq, lost_from, lost_to, why, told) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    ).run(
      ...[
        generation,
        epoch,
        instant(clock.now()),
        head.last_seq,
        loss?.from ?? null,
        loss?.to ?? null,
        loss?.why ?? null,
        loss === null ? 1 : 0,
      ],
    );
    // Numbers after the head will be given out anew: a consumer must not take them for ones it has seen.
    db.prepare('UPDATE consumers SET seq_no = min(seq_no, ?)').run(head.last_seq);
    db.exec('COMMIT');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
  // Both slots, or a torn write would bring back the anchor of the history that is gone.
  for (let slot = 0; slot < 2; slot++) file.write({ head: head.last_seq, hash: head.hash, epoch });
  return { epoch, floor, head, lost: untold(db) };
}
