/** What the engine is given. All of it are ports, so that tests run it with real folders and a clock of their own. */
import type { Clock } from '../../clock.ts';
import type { Config } from '../../config/config.ts';
import type { Probe, ReleaseStore, Transport } from '../../deploy/port.ts';
import type { Repository } from '../../emitters/git_port.ts';
import type { LogStore } from '../../logstore/port.ts';
import type { Recording } from '../../recorder_port.ts';
import type { Runner } from '../../runner/port.ts';

export interface EngineDeps {
  recording: Recording;
  runner: Runner;
  logs: LogStore;
  releases: ReleaseStore;
  transport: Transport;
  probe: Probe;
  repository: (project: string) => Repository;
  /** The config in force now; each run uses the one in force when it starts. */
  config: () => Config;
  /** Values of the project's named secrets, by name. @throws with a sentence when one is missing. */
  secrets: (project: string) => Readonly<Record<string, string>>;
  clock: Clock;
  /** Absolute folder for build workspaces. */
  workspaces: string;
  /** Generation of the event log's epoch, for fences. */
  generation: number;
  /** The server's own log. */
  report: (message: string, detail?: unknown) => void;
}
