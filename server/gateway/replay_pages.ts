/**
 * The event log in pages for viewers who were away. Kept for a while: after a restart or a break of the network many come back to the same
 * place, and the log is read and printed once for all of them. A page never changes, because the log only grows.
 */
import type { Envelope } from '../../src/shared/protocol/envelope.ts';
import { LogError, type EventLog } from '../eventlog/port.ts';
import { batchesOf, type Batch } from './batch.ts';
import { textOf } from './envelope_texts.ts';
import { PAGE_CHARS, PAGE_EVENTS, PAGES_KEPT, PAGES_KEPT_CHARS } from './limits.ts';

export interface ReplayPage {
  items: readonly Envelope[];
  batches: readonly Batch[];
  /** Of the envelopes' texts. */
  chars: number;
}

export class ReplayPages {
  readonly #log: Pick<EventLog, 'read'>;
  readonly #pages = new Map<number, ReplayPage>();
  readonly #reading = new Map<number, Promise<ReplayPage | null>>();
  #chars = 0;
  #limit = PAGE_EVENTS;

  constructor(log: Pick<EventLog, 'read'>) {
    this.#log = log;
  }

  /** The page of stored events after `seq_no`, which is below the head; null when the log was trimmed past it. @throws what the log throws. */
  after(seq_no: number): Promise<ReplayPage | null> {
    const kept = this.#pages.get(seq_no);
    if (kept !== undefined) return Promise.resolve(kept);
    const reading = this.#reading.get(seq_no) ?? this.#read(seq_no).finally(() => this.#reading.delete(seq_no));
    this.#reading.set(seq_no, reading);
    return reading;
  }

  async #read(seq_no: number): Promise<ReplayPage | null> {
    try {
      const items = (await this.#log.read(seq_no, this.#limit)).envelopes;
      if (items.length === 0) throw new Error(`the event log gives nothing after ${seq_no} although it goes on`);
      const chars = items.reduce((sum, envelope) => sum + textOf(envelope).length, 0);
      const page = { items, batches: batchesOf(items), chars };
      this.#limit = Math.max(1, Math.min(PAGE_EVENTS, Math.floor((PAGE_CHARS * items.length) / chars)));
      this.#keep(seq_no, page);
      return page;
    } catch (error) {
      if (error instanceof LogError && error.code === 'below_floor') return null;
      throw error;
    }
  }

  #keep(seq_no: number, page: ReplayPage): void {
    this.#pages.set(seq_no, page);
    this.#chars += page.chars;
    for (const [key, { chars }] of this.#pages) {
      if (this.#pages.size <= PAGES_KEPT && this.#chars <= PAGES_KEPT_CHARS) return;
      this.#pages.delete(key);
      this.#chars -= chars;
    }
  }
}
