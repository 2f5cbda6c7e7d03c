/**
 * One envelope as one line of the activity list: what happened, in the past tense, without the project's name. Null for facts that are
 * bookkeeping (topology, unchanged probes, interim outcomes that only repeat). A kind from a later version is told by its own name.
 */
import { isKnown, type Envelope, type EnvelopeOf, type KnownEnvelope } from '../protocol/envelope.ts';
import type { Actor } from '../protocol/ids.ts';
import { gapWords } from './history_gap.ts';
import { byWhom, displayName } from './people.ts';
import { deployReason, ownWord, reasonOf } from './reason.ts';
import { duration } from './time.ts';
import { splitVersion } from './version.ts';

export type Tone = 'plain' | 'passed' | 'hand' | 'failed' | 'stop';
export interface EventWords {
  text: string;
  tone: Tone;
}

const SHA_SHOWN = 7;

/** Who reads it, and what the project calls a version for short. */
interface Teller {
  me: Actor | null;
  v: (version: string) => string;
}

/** @param v what the project calls a version for short; without it the declared part alone. */
export function eventWords(
  envelope: Envelope,
  me: Actor | null,
  v: Teller['v'] = (version) => splitVersion(version).core,
): EventWords | null {
  if (!isKnown(envelope)) {
    const version = typeof envelope['version'] === 'string' ? ` ${v(envelope['version'])}` : '';
    return { text: `${ownWord(envelope.kind)}${version}`, tone: 'plain' };
  }
  const words = sentence(envelope, { me, v });
  if (words === null) return null;
  return typeof words === 'string' ? { text: words, tone: 'plain' } : words;
}

const quoted = (reason: string | undefined): string => (reason === undefined || reason === '' ? '' : `: “${reason}”`);
const tone = (text: string, of: Tone): EventWords => ({ text, tone: of });

/** `Ana pushed`, or `pushed` told without a person when the pipeline did it. */
function did(e: KnownEnvelope, { me }: Teller, verb: string, rest: string, passive: string): string {
  const name = displayName(e.actor ?? 'system:', me);
  return name === '' ? passive : `${name} ${verb} ${rest}`;
}

function sentence(e: KnownEnvelope, teller: Teller): string | EventWords | null {
  const { v } = teller;
  switch (e.kind) {
    case 'rebuild_requested':
      return did(e, teller, 'pushed', e.sha.slice(0, SHA_SHOWN), `${e.sha.slice(0, SHA_SHOWN)} was pushed`);
    case 'build_start':
      return null;
    case 'build_aborted':
      return `build of ${e.sha_aborted.slice(0, SHA_SHOWN)} stopped: ${e.reason === undefined || e.reason === 'superseded' ? 'newer push' : e.reason}`;
    case 'build_ok':
      return `${v(e.version)} built in ${duration(e.elapsed_s)}`;
    case 'build_failed':
      return tone(
        `build of ${v(e.version)} failed${e.failure === undefined ? '' : `: ${reasonOf(e.failure, 'the build').headline}`}`,
        'failed',
      );
    case 'gate_start':
      return null;
    case 'gate_done':
      return gateDone(e, teller);
    case 'gate_retry_requested':
      return did(e, teller, 'retried', `${e.gate} of ${v(e.version)}`, `${e.gate} of ${v(e.version)} is tried again`);
    case 'manual_confirm':
      return e.decision === 'reject'
        ? tone(
            did(e, teller, 'rejected', `${v(e.version)} on ${e.tier}${quoted(e.comment)}`, `${v(e.version)} was rejected on ${e.tier}`),
            'failed',
          )
        : did(e, teller, 'confirmed', `${v(e.version)} on ${e.tier}`, `${v(e.version)} was confirmed on ${e.tier}`);
    case 'run_stuck':
      return tone(`run ${e.run_id} is stuck: ${e.reason}`, 'failed');
    case 'run_cancelled':
      return e.reason === 'superseded'
        ? `${e.gate ?? 'a run'}${e.version === undefined ? '' : ` of ${v(e.version)}`} stopped: newer push`
        : did(e, teller, 'cancelled', `${e.gate ?? `run ${e.run_id}`}${quoted(e.comment)}`, `${e.gate ?? `run ${e.run_id}`} was cancelled`);
    case 'deploy_start':
      return null;
    case 'deploy_ok':
      return `${v(e.version)} runs on ${e.node}`;
    case 'deploy_failed':
      return tone(`deploy of ${v(e.version)} failed: ${deployReason(e.failure, e.node)}`, 'failed');
    default:
      return laterSentence(e, teller);
  }
}

type Later = Exclude<
  KnownEnvelope,
  {
    kind:
      | `build_${string}`
      | `gate_${string}`
      | 'rebuild_requested'
      | 'manual_confirm'
      | 'run_cancelled'
      | 'run_stuck'
      | 'deploy_start'
      | 'deploy_ok'
      | 'deploy_failed';
  }
>;

function laterSentence(e: Later, teller: Teller): string | EventWords | null {
  const { me, v } = teller;
  switch (e.kind) {
    case 'promote_requested':
      if (e.auto === true) return null;
      return did(
        e,
        teller,
        e.hotfix === true ? 'sent as a hotfix' : 'promoted',
        `${v(e.version)} to ${e.tier}${quoted(e.reason)}`,
        `${v(e.version)} goes to ${e.tier}`,
      );
    case 'promote_complete':
      return tone(`${v(e.version)} runs on all of ${e.tier}`, 'passed');
    case 'promote_failed':
      return tone(`${v(e.version)} did not reach all of ${e.tier}`, 'failed');
    case 'redeploy_requested':
      return did(e, teller, 'redeployed', `${v(e.version)} on ${e.tier}${quoted(e.reason)}`, `${v(e.version)} is redeployed on ${e.tier}`);
    case 'rollback_requested': {
      const name = displayName(e.actor ?? 'system:', me);
      return `${name === '' ? 'Signalbox rolls' : name === 'You' ? 'You roll' : `${name} rolls`} ${e.tier} back to ${v(e.to)}${quoted(e.reason)}`;
    }
    case 'rollback':
      // Here the pipeline ends what a person asked for and the line before told; on other servers the person's own event is all there is.
      return did(e, teller, 'rolled', `${e.tier} back to ${v(e.to)}${quoted(e.reason)}`, `${e.tier} runs ${v(e.to)} again`);
    case 'rollback_failed':
      return tone(`rollback of ${e.tier} to ${v(e.to)} failed`, 'failed');
    case 'release_held':
      return tone(`${v(e.version)} is held on ${e.tier}`, 'stop');
    case 'release_released':
      return `hold on ${v(e.version)} lifted${byWhom(e.actor ?? 'system:', me)}${quoted(e.reason)}`;
    case 'tier_frozen':
      return tone(`${e.tier} frozen${byWhom(e.actor ?? 'system:', me)}${quoted(e.reason)}`, 'stop');
    case 'tier_thawed':
      return `${e.tier} thawed${byWhom(e.actor ?? 'system:', me)}${quoted(e.reason)}`;
    case 'node_observed':
      return e.status === 'unreachable' || e.status === 'differs'
        ? tone(
            `${e.node} ${e.status === 'differs' ? `answers ${e.version === undefined ? 'as something else' : `as ${v(e.version)}`}` : 'does not answer'}`,
            'failed',
          )
        : null;
    case 'server_started':
      return `server ${e.version} started`;
    case 'history_gap':
      return tone(gapWords(e), 'failed');
    case 'backup_fetched':
      return `backup fetched from ${e.source}, ${e.byte_size.toLocaleString('en-GB')} bytes`;
    case 'command_refused':
      return `not done${byWhom(e.actor ?? 'system:', me).replace(' by', ' for')}: ${e.message.replace(/ at \d\d:\d\d:\d\d UTC/, '')}`;
    case 'entity':
    case 'link':
      return null;
    case 'stage_transition':
      return `${e.story_id} moved to ${ownWord(e.to_stage)}`;
    case 'merge_failure':
      return tone(`${e.story_id} could not be merged: ${e.reason}`, 'failed');
    case 'story_blocked':
      return tone(`${e.story_id} is blocked: ${e.reason}`, 'failed');
    default:
      return e satisfies never;
  }
}

function gateDone(e: EnvelopeOf<'gate_done'>, { me, v }: Teller): EventWords | string | null {
  const { outcome } = e;
  if (outcome.status === 'passed') {
    if (outcome.skipped !== undefined)
      return tone(`${e.gate} of ${v(e.version)} skipped${byWhom(outcome.skipped.by, me)}${quoted(outcome.skipped.reason)}`, 'stop');
    if (outcome.elapsed_s === undefined && outcome.log_ref === undefined) return null; // a confirm; the manual_confirm before it says so, with the name
    return `${e.gate} of ${v(e.version)} passed${outcome.elapsed_s === undefined ? '' : ` in ${duration(outcome.elapsed_s)}`}`;
  }
  if (outcome.status === 'failed') {
    if (outcome.classification.type === 'rejected') return null; // the manual_confirm before it says so, with the name
    const { headline } = reasonOf(outcome.classification, e.gate);
    return tone(headline.startsWith(e.gate) ? headline : `${e.gate} of ${v(e.version)}: ${headline}`, 'failed');
  }
  return outcome.blockers.some((b) => b.type === 'awaiting_confirm')
    ? tone(`${v(e.version)} on ${e.tier} waits for a confirm`, 'hand')
    : null;
}
