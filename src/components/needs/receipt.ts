/** How a thing that waited was answered, and by whom: read from the newest activity, so that it also tells what somebody else did. */
import type { Need } from '../../shared/fold/needs.ts';
import { isKnown, type Envelope, type KnownEnvelope } from '../../shared/protocol/envelope.ts';
import type { Actor } from '../../shared/protocol/ids.ts';
import { displayName } from '../../shared/words/people.ts';
import { timeOfDay } from '../../shared/words/time.ts';
import { runName } from '../run/run_name.ts';

export interface Receipt {
  /** `Confirmed 1.4.0 on staging. You, 02:05:07, #1284.` */
  sentence: string;
  /** False when it stopped waiting without anybody's answer. */
  answered: boolean;
}

export function receiptOf(need: Need, activity: readonly Envelope[], me: Actor | null, short: (version: string) => string): Receipt {
  const since = activity.filter((e): e is KnownEnvelope => isKnown(e) && e.project === need.project && e.at >= need.since).reverse();
  // Somebody's answer first: what it set off, such as the next release that comes in, is newer but not the answer.
  for (const tell of [answerIn, endedBy]) {
    for (const envelope of since) {
      const what = tell(need, envelope, short);
      if (what === null) continue;
      const who = displayName(envelope.actor ?? 'system:', me) || 'Signalbox';
      return { sentence: `${what}. ${who}, ${timeOfDay(envelope.at)}, #${envelope.seq_no}.`, answered: true };
    }
  }
  return {
    sentence:
      need.type === 'run_stuck'
        ? `${runName(need.run)} of ${short(need.version)} is no longer stuck.`
        : `${short(need.version)} no longer waits${'tier' in need ? ` on ${need.tier.id}` : ''}.`,
    answered: false,
  };
}

/** What a person did about this very thing. */
function answerIn(need: Need, e: KnownEnvelope, short: (version: string) => string): string | null {
  if (need.type === 'run_stuck')
    return e.kind === 'run_cancelled' && e.run_id === need.run.run_id ? `Cancelled ${runName(need.run)} of ${short(need.version)}` : null;
  if (!('tier' in need) || !('tier' in e) || e.tier !== need.tier.id) return null;
  switch (e.kind) {
    case 'manual_confirm':
      return e.version === need.version ? `${e.decision === 'reject' ? 'Rejected' : 'Confirmed'} ${short(e.version)} on ${e.tier}` : null;
    case 'gate_retry_requested':
      return e.version === need.version ? `Retrying ${e.gate} of ${short(e.version)}` : null;
    case 'promote_requested':
      return e.version === need.version && e.auto !== true ? `Promoted ${short(e.version)} to ${e.tier}` : null;
    case 'redeploy_requested':
      return `Redeploying ${short(e.version)} on ${e.tier}`;
    case 'rollback_requested':
      return `Rolling ${e.tier} back to ${short(e.to)}`;
    default:
      return null;
  }
}

/** What came instead of an answer: something newer took its place. */
function endedBy(need: Need, e: KnownEnvelope, short: (version: string) => string): string | null {
  if (need.type === 'build_failed') return e.kind === 'rebuild_requested' ? 'Building again' : null;
  if (need.type === 'run_stuck') return null;
  const replaced = e.kind === 'promote_requested' && e.tier === need.tier.id && e.version !== need.version;
  return replaced ? `${short(e.version)} replaced ${short(need.version)} on ${e.tier}` : null;
}
