/** Which run an event settles: its log has to be shown before the event is. */
import { isKnown, type Envelope } from '../../src/shared/protocol/envelope.ts';
import type { RunId } from '../../src/shared/protocol/ids.ts';

/** @returns null when no run ends with it. A blocked gate has not ended. */
export function endedRun(envelope: Envelope): RunId | null {
  if (!isKnown(envelope)) return null;
  switch (envelope.kind) {
    case 'build_ok':
    case 'build_failed':
    case 'build_aborted':
    case 'deploy_ok':
    case 'deploy_failed':
    case 'run_cancelled':
      return envelope.run_id ?? null;
    case 'gate_done':
      return envelope.outcome.status === 'blocked' ? null : envelope.run_id;
    default:
      return null;
  }
}
