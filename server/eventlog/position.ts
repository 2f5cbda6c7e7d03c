/** Where a subscription begins. */
import { LogError, type Position } from './port.ts';

/** @returns the seq_no after which it begins. @throws LogError `below_floor` when what it asks for is no longer kept. */
export function startOf(position: Position, log: { floor: number; head: number; acknowledged: number }): number {
  switch (position.from) {
    case 'beginning':
      return log.floor;
    case 'latest':
      return log.head;
    case 'last_acknowledged':
      return kept(log.acknowledged, log.floor);
    case 'sequence':
      return kept(position.after, log.floor);
    default:
      return position satisfies never;
  }
}

function kept(after: number, floor: number): number {
  if (after < floor) throw new LogError('below_floor', `events up to ${floor} are no longer kept`);
  return after;
}
