/** What a start needs to go on from a point of the log instead of folding it from the beginning, and what must agree with the log for that. */
import { z } from 'zod';
import type { IndexedRun } from '../http/run_index_port.ts';
import type { Standpoint } from '../recorder_port.ts';

export interface Snapshot extends Standpoint {
  /** Every run remembered at that point, in the order they were first seen; the state holds only the newest. */
  runs: readonly IndexedRun[];
}

/** Bump when a file of today could no longer be read as it was meant. */
export const SNAPSHOT_FORMAT = 1;

export const Header = z.object({
  format: z.literal(SNAPSHOT_FORMAT),
  /** Of the fold that made the state. */
  fold_version: z.int(),
  /** Of the envelopes it was made from. */
  protocol: z.int(),
  epoch: z.string(),
  seq_no: z.int().positive(),
  /** Of the envelope at `seq_no`: the same number with another id is another history. */
  id: z.string(),
  at_ms: z.number(),
});
export type Header = z.infer<typeof Header>;
