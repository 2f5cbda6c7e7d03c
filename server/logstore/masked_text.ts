/** A text as the log of a run with these secrets would hold it: for what is told of a run outside its log. */
import { maskerFor } from './masker_for.ts';

export function maskedText(text: string, secrets: readonly string[]): string {
  const pieces: Buffer[] = [];
  const give = (piece: Buffer): void => void pieces.push(Buffer.from(piece));
  const masker = maskerFor(secrets);
  masker.push(Buffer.from(text), give);
  masker.end(give);
  return Buffer.concat(pieces).toString('utf8');
}
