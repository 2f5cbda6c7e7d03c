/** What the command line knows of the rest: the server it starts, the example it shows, and the terminal it speaks to. */
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import type { StartProgress } from '../starting_port.ts';

export interface AppOptions {
  config: Config;
  /** Absolute folder that exists. */
  dataDir: string;
  host: string;
  /** 0 for any free one. */
  port: number;
  logger: Logger;
  env: NodeJS.ProcessEnv;
  /** Reads the file again. @throws ConfigError */
  loadConfig: () => Config;
  /** Folder of the built pages; null when they are not built. */
  webRoot: string | null;
  /** Told how far the start has come, and where it can be seen. */
  onProgress: (progress: StartProgress, url: string) => void;
  /** Ends the start; it rejects with the reason once everything is taken down. */
  signal: AbortSignal;
}

export interface App {
  url: string;
  port: number;
  /** Resolves when a page was opened for the first time. */
  firstViewer: Promise<void>;
  /** @returns how many events the changed config made. @throws ConfigError; then the earlier config stays in force. */
  reload(): Promise<{ changes: number }>;
  /** Idempotent. */
  close(): Promise<void>;
}
export type StartApp = (options: AppOptions) => Promise<App>;

export interface Demo {
  configFile: string;
  /** Pushes for the first time, when somebody watches. The nodes are up already. */
  start(app: { url: string; firstViewer: Promise<void> }): Promise<void>;
  /** Ends what the example's nodes run. Idempotent. */
  stop(): Promise<void>;
}
export type PrepareDemo = (options: { folder: string; log: (line: string) => void }) => Promise<Demo>;

/** The terminal, so that tests can read what is said. */
export interface Shell {
  cwd: string;
  env: NodeJS.ProcessEnv;
  out(line: string): void;
  err(line: string): void;
}

/** A failure whose message is the whole story: one or more sentences with the way out, shown without a stack. */
export class Sorry extends Error {
  override readonly name = 'Sorry';
}
