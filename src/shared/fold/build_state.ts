/** The newest push, and the newest build. */
import type { Instant, RunId, Sha, Version } from '../protocol/ids.ts';

export interface Push {
  sha: Sha;
  at: Instant;
  seq_no: number;
  by: string;
  /** Version the commit declares, as read by the server when it was pushed. */
  declared: string | null;
  subject: string | null;
  author: string | null;
}

export interface BuildState {
  run_id: RunId;
  sha: Sha;
  version: Version;
  status: 'running' | 'ok' | 'failed' | 'aborted';
  started_at: Instant;
  /** Run of the first attempt, which a restart of the server interrupted; left out while there was only one. */
  first_run_id?: RunId;
}
