/** What must hold of any event log, whatever happened to the server that wrote it. */
import type { Envelope } from '../../../src/shared/protocol/envelope.ts';

const INTENTS = new Set(['promote_requested', 'rollback_requested', 'redeploy_requested']);
const ENDS = new Set(['build_ok', 'build_failed', 'build_aborted', 'gate_done', 'run_cancelled', 'deploy_ok', 'deploy_failed']);
const STARTS = new Set(['build_start', 'gate_start', 'deploy_start']);

type Field = string | number | undefined;
const field = (envelope: Envelope, name: string): Field => {
  const value = (envelope as Record<string, unknown>)[name];
  return typeof value === 'string' || typeof value === 'number' ? value : undefined;
};

/** 1, 2, 3 …, each id once, time never backwards. */
export function brokenNumbers(log: readonly Envelope[]): string[] {
  const found: string[] = [];
  const ids = new Set<string>();
  for (const [index, { seq_no, id, at }] of log.entries()) {
    if (seq_no !== index + 1) found.push(`hole or disorder: event ${seq_no} is at place ${index + 1} of the log`);
    if (ids.has(id)) found.push(`duplicated: id ${id} is in the log twice, again at ${seq_no}`);
    ids.add(id);
    if (at < (log[index - 1]?.at ?? '')) found.push(`reordered: event ${seq_no} is earlier than the one before it`);
  }
  return found.slice(0, 5);
}

/** A key is in one commit only: its first event has no cause, and the rest name that one. */
export function brokenKeys(log: readonly Envelope[]): string[] {
  const first = new Map<string, Envelope>();
  const found: string[] = [];
  for (const envelope of log) {
    const { key, cause, seq_no } = envelope;
    if (key === undefined) continue;
    const before = first.get(key);
    if (before === undefined) first.set(key, envelope);
    else if (cause !== before.seq_no) found.push(`double effect: key ${key} is in event ${before.seq_no} and again in event ${seq_no}`);
  }
  return found.slice(0, 5);
}

/** At most one deploy of a node for each time somebody, or the line's own rule, asked for that tier. */
export function brokenDeploys(log: readonly Envelope[]): string[] {
  const asked = new Map<Field, number>();
  const done = new Map<string, number>();
  const found: string[] = [];
  for (const envelope of log) {
    const tier = field(envelope, 'tier');
    if (INTENTS.has(envelope.kind)) asked.set(tier, envelope.seq_no);
    if (envelope.kind !== 'deploy_start') continue;
    const what = `${asked.get(tier) ?? 0} ${String(field(envelope, 'node'))}`;
    const before = done.get(what);
    if (asked.get(tier) === undefined) found.push(`deploy without an intent at ${envelope.seq_no}`);
    if (before !== undefined) found.push(`deploy repeated: event ${before} and event ${envelope.seq_no} for the one intent ${what}`);
    done.set(what, envelope.seq_no);
  }
  return found.slice(0, 5);
}

/** What was in flight when a life ended is settled in the next one, before that life is ready; and nothing that was in flight ends well. @param log as read from a server that is ready. */
export function unsettledRuns(log: readonly Envelope[]): string[] {
  const open = new Map<number, Envelope>();
  let left = new Map<number, Envelope>();
  const found: string[] = [];
  for (const envelope of log) {
    const run_id = field(envelope, 'run_id');
    if (envelope.kind === 'server_started') left = new Map(open);
    if (typeof run_id !== 'number') continue;
    if (STARTS.has(envelope.kind)) open.set(run_id, envelope);
    if (!ENDS.has(envelope.kind)) continue;
    if (left.has(run_id) && !saysInterrupted(envelope))
      found.push(`not interrupted: run ${run_id} was in flight at a restart, but ended as ${envelope.kind} at ${envelope.seq_no}`);
    open.delete(run_id);
    left.delete(run_id);
  }
  for (const [run_id, { kind, seq_no }] of left)
    found.push(`not settled: ${kind} of run ${run_id} at ${seq_no} was in flight at the restart`);
  return found.slice(0, 5);
}

function saysInterrupted(envelope: Envelope): boolean {
  return JSON.stringify([envelope['failure' as keyof Envelope], envelope['outcome' as keyof Envelope]]).includes('"type":"interrupted"');
}

/** Runs of the log that have begun and not ended, the ones that only wait (burn-in, confirm) excepted. */
export function runsInFlight(log: readonly Envelope[]): Set<number> {
  const open = new Set<number>();
  for (const envelope of log) {
    const run_id = field(envelope, 'run_id');
    if (typeof run_id !== 'number') continue;
    if (STARTS.has(envelope.kind)) open.add(run_id);
    if (ENDS.has(envelope.kind)) open.delete(run_id);
  }
  return open;
}

/** Releases that the log says were ever put on a node. */
export function deployedOn(log: readonly Envelope[], node: string): Set<string> {
  return new Set(
    log.flatMap((envelope) =>
      envelope.kind === 'deploy_start' && field(envelope, 'node') === node ? [String(field(envelope, 'version'))] : [],
    ),
  );
}
