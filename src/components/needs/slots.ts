/**
 * The places of the cards in Needs you. What waits keeps its place for as long as it waits; what was answered keeps it as a receipt for ten
 * seconds in which it can be seen; what is new comes last. So no card ever moves because another was answered a moment ago, and none jumps under a pointer.
 */
import type { Need } from '../../shared/fold/needs.ts';
import type { Receipt } from './receipt.ts';

export const RECEIPT_SHOWN_MS = 10_000;
/** The clock ticks each second; what it went further than this at once, it stood still before. */
const TICK_MOST_MS = 2_000;

/** How long the clock stood still before it went from one time to another. */
export function stoodStill(from: number, to: number): number {
  return Math.max(0, to - from - TICK_MOST_MS);
}

export interface Slot {
  id: string;
  need: Need;
  /** Set once it was answered. */
  receipt: (Receipt & { until: number }) | null;
}

export interface ReceiptTime {
  now: number;
  /** A dialog covers the page: the time of receipts does not run. */
  covered: boolean;
  /** So much of the time since the last call the page's clock stood still, as it does while the page is stale: nobody saw it pass. */
  stood_ms?: number;
}

export function advance(
  slots: readonly Slot[],
  needs: readonly Need[],
  { now, covered, stood_ms = 0 }: ReceiptTime,
  receiptOf: (need: Need) => Receipt,
): readonly Slot[] {
  const until = now + RECEIPT_SHOWN_MS;
  const waiting = new Map(needs.map((need) => [need.id, need]));
  const kept = slots.flatMap((slot): Slot[] => {
    const need = waiting.get(slot.id);
    if (need !== undefined) return [{ id: slot.id, need, receipt: null }];
    if (slot.receipt === null) return [{ ...slot, receipt: { ...receiptOf(slot.need), until } }];
    if (covered) return [{ ...slot, receipt: { ...slot.receipt, until } }];
    const shown_until = slot.receipt.until + stood_ms;
    return shown_until > now ? [{ ...slot, receipt: { ...slot.receipt, until: shown_until } }] : [];
  });
  const placed = new Set(kept.map((slot) => slot.id));
  return [...kept, ...needs.filter((need) => !placed.has(need.id)).map((need): Slot => ({ id: need.id, need, receipt: null }))];
}
