/** "Your name, for the record": what may be in a name that people type in. */

/** Characters. */
export const NAME_LENGTH = 60;

/** Marks that reorder text could make one name look like another; the server refuses them. */
const REORDERING = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A name as the record takes it: composed, no control characters, single spaces, not too long; '' when nothing is left. */
export function tidyName(name: string): string {
  const clean = name
    .normalize('NFC')
    .replace(REORDERING, '')
    .replace(/[\p{Cc}\s]+/gu, ' ');
  return [...clean.trim()].slice(0, NAME_LENGTH).join('').trim();
}
