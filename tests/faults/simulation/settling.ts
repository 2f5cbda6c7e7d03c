/** Which run an event settles, read from the event alone. */
import type { Envelope } from '../../../src/shared/protocol/envelope.ts';

const SETTLING = new Set(['build_ok', 'build_failed', 'build_aborted', 'deploy_ok', 'deploy_failed', 'run_cancelled']);

/** @returns null when it settles none. */
export function isSettling(envelope: Envelope): number | null {
  const { kind, run_id, outcome } = envelope as { kind: string; run_id?: unknown; outcome?: { status?: unknown } };
  if (typeof run_id !== 'number') return null;
  return SETTLING.has(kind) || (kind === 'gate_done' && outcome?.status !== 'blocked') ? run_id : null;
}

/** Whether it says that the run was broken off, and not that it came to an end of its own. */
export function isInterruption(envelope: Envelope): boolean {
  const { kind, failure, outcome } = envelope as {
    kind: string;
    failure?: { type?: unknown };
    outcome?: { classification?: { type?: unknown } };
  };
  return (
    kind === 'run_cancelled' ||
    kind === 'build_aborted' ||
    failure?.type === 'interrupted' ||
    outcome?.classification?.type === 'interrupted'
  );
}
