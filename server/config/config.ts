/** The validated config, as the rest of the server uses it: paths absolute, durations in milliseconds, defaults filled in. */
import type { CanaryPolicy } from '../../src/shared/fold/topology.ts';
import type { GateId, NodeId, ProjectId, TierId } from '../../src/shared/protocol/ids.ts';

export interface Config {
  /** Absolute path of the file it was read from. */
  file: string;
  /** Hex SHA-256 of what `topology` is made from. */
  hash: string;
  public_url: string | null;
  /** What the file says about the server itself; flags and the environment go first. */
  server?: ServerConfig;
  /** Left out: all logs are kept for ever, as they were written. */
  logs?: LogsConfig;
  projects: readonly ProjectConfig[];
}

/** How long the logs of runs are kept; null for no such bound. */
export interface LogsConfig {
  /** After the run, ms. */
  keep_ms: number | null;
  /** Logs. */
  keep_runs: number | null;
  /** On the disk. */
  keep_bytes: number | null;
  compress: boolean;
}

export interface ServerConfig {
  host: string | null;
  port: number | null;
  /** Absolute folder. */
  data: string | null;
  log_level: LogLevel | null;
}
export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

export interface ProjectConfig {
  id: ProjectId;
  /** Absolute path or URL. */
  repo: string;
  branch: string;
  env: Readonly<Record<string, string>>;
  /** Names looked up in the server's environment, or `<NAME>_FILE`. */
  secrets: readonly string[];
  build: { run: string; artifacts: readonly string[]; timeout_ms: number; retry_interrupted?: number };
  tiers: readonly TierConfig[];
  /** Releases kept on a node besides those in use. */
  keep_releases: number;
}

export interface TierConfig {
  id: TierId;
  auto_promote: boolean;
  canary: CanaryPolicy;
  nodes: readonly NodeConfig[];
  gates: readonly GateConfig[];
}

export interface NodeConfig {
  id: NodeId;
  /** Absolute folder. */
  root: string;
  restart: string | null;
  health: HealthConfig | null;
  timeout_ms: number;
}

export interface HealthConfig {
  http: string;
  /** May hold `$VERSION`, `$SHA`. */
  expect: string | null;
  /** How long after the restart the answer may take. */
  within_ms: number;
}

interface GateCommon {
  id: GateId;
}
interface ProcessGate extends GateCommon {
  /** How often it begins again by itself after a restart of the server interrupted it; left out for never. */
  retry_interrupted?: number;
}
export type GateConfig =
  | (ProcessGate & { kind: 'command'; run: string; junit: string | null; timeout_ms: number })
  | (ProcessGate & { kind: 'http_check'; http: string; expect: string | null; within_ms: number })
  | (ProcessGate & { kind: 'boot_smoke'; run: string; http: string; expect: string | null; within_ms: number })
  | (GateCommon & { kind: 'burn_in'; for_ms: number })
  | (GateCommon & { kind: 'manual_confirm'; approvals: number });

/** A config that cannot be used. `message` names file:line:column and what to do. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
