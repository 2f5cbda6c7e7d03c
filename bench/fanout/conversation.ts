/** What bench/fanout.ts and its load generator say to each other. */
import type { Telling } from './counting_reader.ts';

export type Asked =
  /** Until so many viewers are connected. */
  | { ask: 'connect'; side: string; telling: Telling; port: number; viewers: number }
  /** Counts anew, and tells `delivered` each time every viewer has got `events` more. */
  | { ask: 'arm'; side: string; events: number }
  | { ask: 'latencies'; side: string; published_ms: number[] };

export type Told =
  | { told: 'connected' }
  | { told: 'armed' }
  | { told: 'delivered' }
  | { told: 'latencies'; events: number; p50_ms: number; p99_ms: number }
  | { told: 'failed'; why: string };
