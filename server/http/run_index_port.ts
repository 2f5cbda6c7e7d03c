/** What the routes know of runs, those the state has forgotten included. */
import type { Run, RunStatus } from '../../src/shared/fold/state.ts';
import type { ProjectId, RunId } from '../../src/shared/protocol/ids.ts';

export type IndexedRun = Run & { project: ProjectId };

export interface RunQuery {
  project?: ProjectId;
  type?: Run['type'];
  status?: RunStatus;
  /** Only runs with a lower run_id. */
  before?: RunId;
  limit: number;
}

export interface RunIndex {
  /** Null when there is no such run. */
  get(run_id: RunId): Promise<IndexedRun | null> | IndexedRun | null;
  /** Newest first, at most `limit`. */
  list(query: RunQuery): Promise<readonly IndexedRun[]> | readonly IndexedRun[];
}
