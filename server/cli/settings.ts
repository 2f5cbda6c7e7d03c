/** Where the server listens and keeps its things: flag, else environment, else config file, else default. */
import { dirname, join, resolve } from 'node:path';
import { Sorry } from './port.ts';
import type { Config, LogLevel } from '../config/config.ts';
import { nearest } from '../config/nearest.ts';

export const DEFAULT_HOST = '127.0.0.1';
export const DEFAULT_PORT = 7766;
const LOG_LEVELS: readonly LogLevel[] = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

/** As typed; commander's names. */
export interface ServeFlags {
  config?: string;
  data?: string;
  host?: string;
  port?: string;
  logLevel?: string;
}

export interface Settings {
  /** Absolute. */
  dataDir: string;
  host: string;
  port: number;
  logLevel: LogLevel;
}

interface Sources {
  flags: ServeFlags;
  env: NodeJS.ProcessEnv;
  cwd: string;
}

/** @param config the file's folder and what it says about the server. @throws Sorry for a port or level that is none. */
export function settingsOf(config: Pick<Config, 'file' | 'server'>, { flags, env, cwd }: Sources): Settings {
  const data = namedDataDir({ flags, env, cwd });
  const port = flags.port ?? named(env['SIGNALBOX_PORT']);
  const level = flags.logLevel ?? named(env['SIGNALBOX_LOG_LEVEL']);
  return {
    dataDir: data ?? config.server?.data ?? join(dirname(config.file), '.signalbox'),
    host: flags.host ?? named(env['SIGNALBOX_HOST']) ?? config.server?.host ?? DEFAULT_HOST,
    port: port === undefined ? (config.server?.port ?? DEFAULT_PORT) : portOf(port),
    logLevel: level === undefined ? (config.server?.log_level ?? 'info') : levelOf(level),
  };
}

/** The data folder that a flag or the environment names; null when neither does. */
export function namedDataDir({ flags, env, cwd }: Sources): string | null {
  const data = flags.data ?? named(env['SIGNALBOX_DATA']);
  return data === undefined ? null : resolve(cwd, data);
}

/** Container files set variables to nothing to mean "not set". */
function named(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new Sorry(`\`${text}\` is not a port. A port is a number up to 65535, e.g. --port ${DEFAULT_PORT + 1}; 0 takes any free one.`);
}

function levelOf(text: string): LogLevel {
  const level = LOG_LEVELS.find((known) => known === text);
  if (level !== undefined) return level;
  const meant = nearest(text, LOG_LEVELS);
  throw new Sorry(
    `\`${text}\` is not a log level. ${meant === null ? '' : `Did you mean ${meant}? `}It is one of ${LOG_LEVELS.join(', ')}.`,
  );
}
