/** A refusal as a person reads it: the server says times in UTC, the page in the reader's own clock. */
import type { Refusal } from '../protocol/refusals.ts';
import { timeOfDay } from './time.ts';

export function refusalWords({ message, at }: Refusal): string {
  return at === undefined ? message : message.replace(/\d\d:\d\d:\d\d UTC/, timeOfDay(Date.parse(at)));
}
