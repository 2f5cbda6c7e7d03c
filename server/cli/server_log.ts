/**
 * The server's own log: JSON lines in `<data>/server.log` for machines and for later, and one plain line on stderr for each warning and
 * error, for whoever watches the terminal. Bounded: beyond `LOG_FILE_BYTES` the file is put aside as `server.log.1`. A full disk costs log
 * lines, never the server.
 */
import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import type { Logger } from 'pino';
import type { LogLevel } from '../config/config.ts';

export const LOG_FILE_BYTES = 16 * 1024 * 1024;
const WARN = pino.levels.values['warn'] ?? 40;

export interface ServerLog {
  logger: Logger;
  file: string;
  /** Idempotent. */
  close(): void;
}

/** @param warn gets the plain lines. @throws when the file cannot be opened. */
export function openServerLog(dataDir: string, level: LogLevel, warn: (line: string) => void, maxBytes = LOG_FILE_BYTES): ServerLog {
  const file = join(dataDir, 'server.log');
  let fd: number | null = openSync(file, 'a');
  let bytes = fstatSync(fd).size;
  let complained = false;

  const append = (line: string): void => {
    if (fd === null) return;
    try {
      if (bytes > maxBytes) {
        closeSync(fd);
        renameSync(file, `${file}.1`);
        fd = openSync(file, 'a');
        bytes = 0;
      }
      bytes += writeSync(fd, line);
      complained = false;
    } catch (error) {
      if (!complained) warn(`The log ${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
      complained = true;
    }
  };

  const logger = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    {
      write: (line: string) => {
        append(line);
        const plain = plainLine(line);
        if (plain !== null) warn(plain);
      },
    },
  );
  return {
    logger,
    file,
    close: () => {
      if (fd !== null) closeSync(fd);
      fd = null;
    },
  };
}

/** @returns null for what is less than a warning. */
function plainLine(line: string): string | null {
  const entry = JSON.parse(line) as { level: number; msg?: string; err?: { message?: string } };
  if (entry.level < WARN) return null;
  return [entry.msg, entry.err?.message].filter((text) => text !== undefined).join(': ');
}
