/** What a crowd's process is asked, and what it answers. */
import type { Telling } from './counting_reader.ts';

export type Asked =
  /** Until so many viewers of the group are connected. */
  | { ask: 'connect'; group: string; telling: Telling; port: number; viewers: number }
  /** Or not to, for good or until asked again. */
  | { ask: 'read'; group: string; reads: boolean }
  /** Counts anew, and tells `delivered` each time so many more have come for each viewer. `awake` until asked for latencies: its core never sleeps. */
  | { ask: 'arm'; group: string; events: number; awake: boolean }
  /** Of what was received since `arm`. */
  | { ask: 'latencies'; group: string; published_ms: number[] }
  /** One viewer that comes, says `say`, and leaves when a frame has `last` near its beginning. */
  | { ask: 'resume'; port: number; path: string; protocol: string | null; say: string | null; last: string };

export type Told =
  | { told: 'connected' }
  | { told: 'reading' }
  | { told: 'armed' }
  | { told: 'delivered' }
  /** `cpu_us` is the processor time of the crowd's process since `arm`. */
  | { told: 'latencies'; p50_ms: number; p99_ms: number; cpu_us: number }
  | { told: 'resumed'; took_ms: number; received_bytes: number }
  | { told: 'failed'; why: string };

/** Milliseconds of a clock that all processes of a machine share. */
export function sharedNow(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1e6;
}
