/** What a backup needs of the rooms whose files it copies: each knows its own layout, and what order makes a copy beside a live server whole. */

/** Where the copies go; what goes there is remembered for the list. */
export interface Copies {
  /** A file, a link, or a folder without what is in it. Resolves to false when there is nothing at `from`. */
  copy(from: string, to: string): Promise<boolean>;
  /** Takes back a folder with all that was copied into it. */
  drop(to: string): Promise<void>;
  write(to: string, text: string): Promise<void>;
}

export interface EventLogFiles {
  /** Copies a consistent event log, also beside a live server. @throws LogError */
  copy(folder: string, target: string, onProgress?: (done: number, total: number) => void): Promise<void>;
  /** Reads all of it and changes nothing. */
  verify(folder: string, onProgress?: (done: number, total: number) => void): Promise<LogReport>;
  /** What is stored goes on as another history: who holds a position of the old one is told so, and fences of the old one are lower. */
  beginAnotherHistory(folder: string, options: { atLeastGeneration: number; taken_at: string }): Promise<{ epoch: string }>;
}

export interface LogReport {
  events: number;
  commits: number;
  epoch: string;
  head: number;
  /** A sentence each; empty when the log is whole. */
  problems: string[];
}

export interface RunLogsReport {
  /** Finished logs that were read. */
  logs: number;
  bytes: number;
  /** A sentence each. */
  problems: string[];
}

export interface RunLogFiles {
  /** Copies the logs of all runs; those still being written come as far as they are, marked as cut. */
  copy(folder: string, target: string, into: Copies): Promise<void>;
  /** Hashes every finished log and compares with what was recorded when it was closed. */
  verify(folder: string, onProgress?: (done: number, total: number) => void): Promise<RunLogsReport>;
}

export interface ReleaseFiles {
  /** Copies every whole release. */
  copy(folder: string, target: string, into: Copies): Promise<void>;
}

export interface ArchiveParts {
  events: EventLogFiles;
  logs: RunLogFiles;
  releases: ReleaseFiles;
}
