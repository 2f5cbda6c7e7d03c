/** What a session needs; the socket apart, all viewers share it. */
import type { Envelope } from '../../src/shared/protocol/envelope.ts';
import type { Cursor } from '../bus/port.ts';
import type { Clock } from '../clock.ts';
import type { EventLog } from '../eventlog/port.ts';
import type { LogStore } from '../logstore/port.ts';
import type { Recording } from '../recorder_port.ts';
import type { Broadcaster } from './broadcaster.ts';
import type { Counters } from './counters.ts';
import type { FrameCache } from './frame_cache.ts';
import type { ReplayPages } from './replay_pages.ts';
import type { SnapshotFrames } from './snapshot_frames.ts';

export interface ViewerDeps {
  bus: { subscribe(): Cursor<Envelope> };
  log: Pick<EventLog, 'read' | 'bounds'>;
  recording: Pick<Recording, 'state'>;
  logs: Pick<LogStore, 'stat' | 'chunks'>;
  clock: Clock;
  broadcaster: Pick<Broadcaster, 'add' | 'remove' | 'flush'>;
  frames: FrameCache;
  pages: ReplayPages;
  snapshots: SnapshotFrames;
  counters: Counters;
  /** How many are connected. */
  viewers(): number;
  /** Told of what ended a session or a lane. */
  report(what: string, error: unknown): void;
}
