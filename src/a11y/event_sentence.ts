/** What of an event is said aloud: failures and waits, as the activity says them, with the project in front. Null for all else. */
import type { Envelope } from '../shared/protocol/envelope.ts';
import type { Actor } from '../shared/protocol/ids.ts';
import { eventWords } from '../shared/words/event.ts';

export function eventSentence(envelope: Envelope, me: Actor | null): string | null {
  const words = eventWords(envelope, me);
  if (words === null || (words.tone !== 'failed' && words.tone !== 'hand')) return null;
  const project = envelope.project === '*' ? '' : `${envelope.project}: `;
  return `${project}${words.text}.`;
}
