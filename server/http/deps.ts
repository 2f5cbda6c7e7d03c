/** What the routes need, as ports; `app.ts` fills them in. */
import type { FastifyBaseLogger } from 'fastify';
import type { Envelope } from '../../src/shared/protocol/envelope.ts';
import type { ProjectId, Version } from '../../src/shared/protocol/ids.ts';
import type { Authenticator } from '../auth/port.ts';
import type { Cursor } from '../bus/port.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { EventLog } from '../eventlog/port.ts';
import type { LogStore } from '../logstore/port.ts';
import type { CommandDesk, Recording } from '../recorder_port.ts';
import type { RunIndex } from './run_index_port.ts';

/** Commits in `to` that are not in `from`, newest first; `total` is exact, `commits` may be fewer. */
export interface Comparison {
  total: number;
  commits: readonly { sha: string; subject: string; author: string; at: string }[];
}

/** One number of the metrics page. */
export interface Metric {
  /** As Prometheus names it, e.g. `signalbox_viewers`; a counter ends in `_total`. */
  name: string;
  help: string;
  type: 'gauge' | 'counter';
  read: () => number;
}

export interface HttpDeps {
  recording: Pick<Recording, 'state' | 'answerOf'>;
  desk: CommandDesk;
  log: Pick<EventLog, 'read' | 'bounds'>;
  bus: { subscribe(): Cursor<Envelope> };
  logs: Pick<LogStore, 'stat' | 'lines' | 'place' | 'bytes' | 'marks' | 'search' | 'hits' | 'hitLines'>;
  authenticator: Authenticator;
  runs: RunIndex;
  /** @throws Failure `not_found` when one of the releases is unknown. */
  compare(project: ProjectId, from: Version, to: Version): Promise<Comparison>;
  config(): Pick<Config, 'public_url' | 'projects'>;
  clock: Clock;
  bootId: string;
  version: string;
  ready(): { ok: boolean; why: string | null };
  metrics: readonly Metric[];
  /** Absolute folder of the built SPA; null when there is none to serve. */
  webRoot: string | null;
  /** The port we listen on; asked for each request, because with port 0 it is known only later. */
  port(): number;
  logger: FastifyBaseLogger;
}
