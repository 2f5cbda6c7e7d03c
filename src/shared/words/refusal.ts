/** A refusal as a person reads it: with who and when, also where the sentence leaves them out; the server says times in UTC, the page in the reader's own clock. */
import type { Refusal } from '../protocol/refusals.ts';
import { nameOf } from './people.ts';
import { timeOfDay } from './time.ts';

export function refusalWords({ message, by, at }: Refusal): string {
  const time = at === undefined ? '' : timeOfDay(Date.parse(at));
  const words = time === '' ? message : message.replace(/\d\d:\d\d:\d\d UTC/, time);
  const missing = [by === undefined ? '' : nameOf(by), time].filter((part) => part !== '' && !words.includes(part));
  return missing.length === 0 ? words : `${words} ${missing.join(', ')}.`;
}
