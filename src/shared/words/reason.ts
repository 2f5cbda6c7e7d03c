/**
 * Why something failed, in a sentence an operator can act on. Classifications and failures are open unions: a variant this page does not
 * know is said with its own word and message, never dropped and never guessed at.
 */
import type { Classification, DeployFailure, KnownClassification } from '../protocol/outcome.ts';
import { nameOf } from './people.ts';
import { duration } from './time.ts';
import { counted } from './version.ts';

/** A short `headline` without its subject ("2 of 318 tests failed"), and what it looks like, or an empty string. */
export interface Reason {
  headline: string;
  suspect: string;
}

const KNOWN: ReadonlySet<string> = new Set<KnownClassification['type']>([
  'tests_failed',
  'exit_code',
  'signal',
  'timeout',
  'spawn',
  'http',
  'artifact',
  'rejected',
  'interrupted',
]);

function isKnown(why: Classification): why is KnownClassification {
  return KNOWN.has(why.type);
}

/** An unknown variant's own word: `disk_full` is "disk full". */
export function ownWord(type: string): string {
  return type.replaceAll('_', ' ');
}

/** @param what the step, as the subject: `unit_tests`, `the build`. */
export function reasonOf(why: Classification, what: string): Reason {
  return { headline: headline(why, what), suspect: suspectOf(why) };
}

function headline(why: Classification, what: string): string {
  if (!isKnown(why)) return `${what} failed: ${ownWord(why.type)}${messageOf(why)}`;
  switch (why.type) {
    case 'tests_failed':
      return `${why.failed} of ${counted(why.failed + why.passed, 'test')} failed`;
    case 'exit_code':
      return `${what} ended with exit code ${why.code}`;
    case 'signal':
      return `${what} was ended by ${why.name}`;
    case 'timeout':
      return `${what} took longer than ${duration(why.after_s)} and was stopped`;
    case 'spawn':
      return `${what} could not start: ${why.message}`;
    case 'http':
      return `${what} got no good answer from ${why.url}: ${why.message}`;
    case 'artifact':
      return `${what} gave no usable release: ${why.message}`;
    case 'rejected':
      return `Rejected by ${nameOf(why.by) || 'the pipeline'}${why.comment === undefined || why.comment === '' ? '' : `: “${why.comment}”`}`;
    case 'interrupted':
      return `The server restarted during ${what}`;
    default:
      return why satisfies never;
  }
}

function messageOf(why: Record<string, unknown>): string {
  return typeof why['message'] === 'string' && why['message'] !== '' ? `: ${why['message']}` : '';
}

function suspectOf(why: Classification): string {
  if (why.suspect === 'commit') return 'Looks like the commit.';
  return why.suspect === 'machine' ? 'Looks like the machine, not the commit.' : '';
}

/** A headline as the start of a sentence: names of gates and nodes keep their case. */
export function asSentence(headline: string): string {
  return headline.startsWith('the ') ? `T${headline.slice(1)}` : headline;
}

const ANSWER_SHOWN = 40;

/** A long answer is its status; the whole of it stands in the excerpt and in the log. */
function brief(got: string): string {
  if (got.length <= ANSWER_SHOWN) return got;
  const status = /^\d{3}(?=,)/.exec(got)?.[0];
  return status ?? `${got.slice(0, ANSWER_SHOWN)}…`;
}

/** @param node the node, or null when the deploy did not get as far as one. */
export function deployReason(failure: DeployFailure, node: string | null): string {
  const where = node ?? 'the tier';
  const more = failure.message === undefined || failure.message === '' ? '' : `: ${failure.message}`;
  switch (failure.type) {
    case 'unreachable':
      return `${where} could not be reached${more}`;
    case 'transfer':
      return `The release could not be copied to ${where}${more}`;
    case 'activate':
      return `${where} could not switch to the release${more}`;
    case 'health_check':
      return failure.got !== undefined && failure.expected !== undefined
        ? `${where} answered ${brief(failure.got)} instead of ${failure.expected}`
        : `${where} failed its health check${more}`;
    case 'timeout':
      return `The deploy to ${where} took too long and was stopped${more}`;
    case 'command':
      return `The restart script failed on ${where}${more}`;
    case 'interrupted':
      return 'The server restarted during this deploy';
    case 'fenced':
      return `A newer deploy holds ${where}${more}`;
    default:
      return `The deploy to ${where} failed: ${ownWord(failure.type)}${more}`;
  }
}
