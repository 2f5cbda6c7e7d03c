/** What became of comparing a log's hash, in a few words. */
import type { HashState } from '../../logview/hash_state.ts';
import { counted } from '../../shared/words/version.ts';

export function hashWords(state: HashState): string {
  switch (state.type) {
    case 'unchecked':
      return '';
    case 'checking':
      return `Checking, ${counted(state.done, 'byte')} read`;
    case 'verified':
      return `Verified here: SHA-256 ${state.sha256.slice(0, 12)}…`;
    case 'differs':
      return 'Not the log that was recorded';
    case 'failed':
      return `Not checked. ${state.reason}`;
    default:
      return state satisfies never;
  }
}
