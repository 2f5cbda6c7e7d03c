/** Each envelope's text, printed once whoever it goes to: readers of the ring share the envelopes, so they share the texts, for as long as one has them. */
import { encodePlain } from '../../src/shared/protocol/codec.ts';
import type { Envelope } from '../../src/shared/protocol/envelope.ts';

const texts = new WeakMap<Envelope, string>();

export function textOf(envelope: Envelope): string {
  const known = texts.get(envelope);
  if (known !== undefined) return known;
  const text = encodePlain(envelope);
  texts.set(envelope, text);
  return text;
}
