/** What became of a command, in the sentence every screen says it with when it has no better one. */
import type { CommandOutcome } from './submission.ts';

export function outcomeSentence(outcome: CommandOutcome): string {
  switch (outcome.status) {
    case 'applied':
      return `Recorded as #${outcome.seq_no.toLocaleString('en-GB')}.`;
    case 'refused':
      return `Not done. ${outcome.refusal.message}`;
    case 'not_received':
      return 'Not received. Nothing was done.';
    case 'failed':
    case 'not_sent':
      return outcome.message;
    default:
      return outcome satisfies never;
  }
}
