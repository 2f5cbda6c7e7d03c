/**
 * Looks whether a stored event log is whole, also beside a server that is writing it: opens it read-only, takes no lock and changes nothing
 * (SQLite may leave the two helper files of its WAL there, empty). What a server would find out piece by piece, when somebody happens to read that piece, is found here at once.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { LogError, type StoredCommit } from '../port.ts';
import type { Link } from '../row.ts';
import { readAnchor, type Anchor } from './anchor.ts';
import { pragma, SCHEMA_VERSION } from './database.ts';
import { newestEpoch } from './epoch.ts';
import { logErrorOf } from './errors.ts';
import { Links } from './links.ts';
import { openReadOnly } from './read_only.ts';
import { Rows } from './rows.ts';

export interface EventLogReport {
  events: number;
  commits: number;
  rows: number;
  /** Empty when no server has opened the log yet, or it cannot be read at all. */
  epoch: string;
  /** seq_no of the last event. */
  head: number;
  /** A sentence each, the most telling first; empty when the log is whole. */
  problems: string[];
}

/** Rows between two turns of the event loop: full ones take about ten milliseconds. */
const ROWS_AT_ONCE = 50;
const QUICK_CHECK_LINES = 10;

/**
 * @param folder the data folder, or a copy of its event log.
 * @param onProgress events read, and events there are.
 * @throws LogError when there is no event log, it may not be read, or a later Signalbox wrote it. Damage is a problem in the report.
 */
export async function verifyEventLog(folder: string, onProgress?: (done: number, total: number) => void): Promise<EventLogReport> {
  const file = join(folder, 'events.db');
  if (!existsSync(file)) throw new LogError('unwritable', `there is no event log in ${folder}`);
  const report: EventLogReport = { events: 0, commits: 0, rows: 0, epoch: '', head: 0, problems: [] };
  // Read before the database is: a server writes it after the commit, so it cannot lead what is read later.
  const anchor = anchorIn(folder, report.problems);
  let db: DatabaseSync | null = null;
  try {
    db = openReadOnly(file);
    if (Number(pragma(db, 'user_version')) > SCHEMA_VERSION)
      throw new LogError('unwritable', `${file} was written by a later Signalbox; verify it with that one`);
    await readAll(db, anchor, report, onProgress);
    report.problems.push(...quickCheck(db));
  } catch (error) {
    const failure = logErrorOf(error, `${file} cannot be read`);
    if (failure.code !== 'broken') throw failure;
    report.problems.push(failure.message);
  } finally {
    db?.close();
  }
  return report;
}

/** A folder no server ever ran in has neither anchor nor lock: a copy, which a restore gives an anchor of its own. */
function anchorIn(folder: string, problems: string[]): Anchor | null {
  const file = join(folder, 'anchor');
  if (!existsSync(file)) {
    if (existsSync(join(folder, 'lock.db'))) problems.push('the anchor file is missing');
    return null;
  }
  const anchor = readAnchor(file);
  if (anchor === null) problems.push('the anchor file is damaged');
  return anchor;
}

async function readAll(
  db: DatabaseSync,
  anchor: Anchor | null,
  report: EventLogReport,
  onProgress: ((done: number, total: number) => void) | undefined,
): Promise<void> {
  const { floor, ...links } = headAndFloor(db);
  const { head } = links;
  report.head = head.last_seq;
  report.epoch = newestEpoch(db) ?? '';
  const rows = new Rows(db, 'read');
  const total = head.last_seq - floor.last_seq;
  let at: Link = floor;
  let vouched = anchor === null || anchor.head <= floor.last_seq;
  // What a server appends meanwhile is left for the next time.
  while (at.last_seq < head.last_seq) {
    const before = at;
    for (const row of rows.rows(at.last_seq, ROWS_AT_ONCE)) {
      if (at.last_seq >= head.last_seq) break;
      let last = at.last_seq;
      for (const commit of row.commits) last = readCommit(commit, last, report);
      if (last !== row.last_seq) throw new LogError('broken', `the row that ends at event ${last} says it ends at ${row.last_seq}`);
      if (row.last_seq === anchor?.head && row.hash === anchor.hash) vouched = true;
      report.rows += 1;
      at = { last_seq: row.last_seq, hash: row.hash };
    }
    if (at === before) throw new LogError('broken', `the events after ${at.last_seq} are missing from the event log`);
    onProgress?.(Math.min(report.events, total), total);
    await nextTurn();
  }
  if (anchor === null) return;
  if (anchor.head > head.last_seq)
    report.problems.push(`the event log ends at event ${head.last_seq}, but event ${anchor.head} had been acknowledged`);
  else if (!vouched) report.problems.push(`at event ${anchor.head} the event log has another history than the anchor file`);
  if (anchor.epoch !== report.epoch)
    report.problems.push(`the anchor file is of epoch ${anchor.epoch}, the event log of ${report.epoch === '' ? 'none' : report.epoch}`);
}

function headAndFloor(db: DatabaseSync): { floor: Link; head: Link } {
  const links = new Links(db);
  return { floor: links.floor, head: links.head() };
}

/** @returns its last seq_no. @throws LogError `broken` when its events are not numbered without a hole. */
function readCommit({ first_seq, envelopes }: StoredCommit, last: number, report: EventLogReport): number {
  for (const [index, { seq_no }] of envelopes.entries()) {
    if (seq_no !== last + 1 + index || first_seq !== last + 1)
      throw new LogError('broken', `event ${seq_no} in the commit at ${first_seq} comes after event ${last + index}`);
  }
  report.commits += 1;
  report.events += envelopes.length;
  return last + envelopes.length;
}

/** What SQLite itself finds wrong with the file. */
function quickCheck(db: DatabaseSync): string[] {
  const lines = db
    .prepare(`PRAGMA quick_check(${QUICK_CHECK_LINES})`)
    .all()
    .map((row) => String(row['quick_check']));
  return lines.filter((line) => line !== 'ok').map((line) => `SQLite says: ${line}`);
}
