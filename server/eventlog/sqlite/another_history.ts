/**
 * Makes a restored copy another history. The events after its head are not in it, and their numbers will be given out anew: without a new epoch a
 * viewer would take new events for ones it has seen, and without a higher generation a node could be told what to run by two servers.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { LogError } from '../port.ts';
import { AnchorFile } from './anchor.ts';
import { openDatabase } from './database.ts';
import { beginEpoch, generationOf, newestEpoch, type Settling } from './epoch.ts';
import { logErrorOf } from './errors.ts';
import { Links } from './links.ts';
import { holdFolder } from './lock.ts';
import { Rows } from './rows.ts';
import { undoAll, type Undo } from './undo.ts';

export interface AnotherHistory extends Settling {
  /** The highest generation known to have been in use elsewhere; the new one is above it and above the copy's own. */
  atLeastGeneration: number;
  /** When the copy was made, UTC ISO-8601; without it the time of its last event is told instead. */
  taken_at?: string;
}

/**
 * The server tells a `history_gap` when it first starts on it: of an empty range, since nobody can say how far the other history went.
 * @param folder holds `events.db` and no running server.
 * @returns the new epoch, and the seq_no of the last event.
 * @throws LogError `locked`, `broken`, `unwritable`, `full`.
 */
export async function beginAnotherHistory(folder: string, options: AnotherHistory): Promise<{ epoch: string; head: number }> {
  const file = join(folder, 'events.db');
  if (!existsSync(file)) throw new LogError('unwritable', `there is no event log in ${folder}`);
  const undo: Undo = [];
  try {
    undo.unshift(holdFolder(folder));
    const db = openDatabase(file);
    undo.unshift(() => db.close());
    // Nothing is written in the background here, so nothing has to be called after a while.
    const anchor = new AnchorFile(join(folder, 'anchor'), () => () => undefined);
    undo.unshift(() => anchor.close());
    const head = new Links(db).head();
    const own = [newestEpoch(db), anchor.anchor?.epoch].map((epoch) => (epoch == null ? 0 : generationOf(epoch)));
    const loss = {
      from: head.last_seq + 1,
      to: head.last_seq,
      why: `restored from a backup ${ofWhen(db, head.last_seq, options.taken_at)}`,
    };
    const epoch = beginEpoch(db, anchor, { ...options, generation: Math.max(...own, options.atLeastGeneration) + 1, head, loss });
    return { epoch, head: head.last_seq };
  } catch (error) {
    throw logErrorOf(error, `the event log in ${folder} cannot be made another history`);
  } finally {
    await undoAll(undo);
  }
}

function ofWhen(db: DatabaseSync, head: number, taken_at: string | undefined): string {
  if (taken_at !== undefined) return `taken at ${taken_at}`;
  const newest = [...new Rows(db, 'read').after(head - 1, 1)].at(-1)?.envelopes.at(-1);
  return newest === undefined ? 'without events' : `whose last event is of ${newest.at}`;
}
