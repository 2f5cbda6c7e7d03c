/** Why a server did not start, in one sentence with the way out. What is not listed here is a defect and keeps its stack. */
import { Sorry } from './port.ts';
import { isRunning, readServerFile } from './server_file.ts';
import type { Settings } from './settings.ts';
import { ConfigError } from '../config/config.ts';
import { LogError } from '../eventlog/port.ts';
import { Failure } from '../failure.ts';

/** @returns a Sorry for what an operator can put right, else the error as it came. */
export function startFailure(error: unknown, { host, port, dataDir }: Pick<Settings, 'host' | 'port' | 'dataDir'>): unknown {
  if (error instanceof ConfigError) return new Sorry(error.message, { cause: error });
  if (error instanceof LogError) {
    if (error.code === 'locked') return new Sorry(lockedBy(dataDir), { cause: error });
    return new Sorry(`The event log in ${dataDir} cannot be used: ${error.message}`, { cause: error });
  }
  // The first event of a start is the first thing it stores.
  if (error instanceof Failure && (error.code === 'storage_full' || error.code === 'unavailable'))
    return new Sorry(`The server did not start. ${error.message} (${dataDir})`, { cause: error });
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return new Sorry(
        `Port ${port} is in use by another program. Start with \`npm start -- --port ${port === 65_535 ? port - 1 : port + 1}\`, or stop the other one.`,
        { cause: error },
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new Sorry(`This machine has no address ${host}. Use --host 127.0.0.1.`, { cause: error });
    case 'EACCES':
    case 'EPERM':
      if (syscallOf(error) === 'listen')
        return new Sorry(`Port ${port} may not be used by you. Ports below 1024 need root; use a higher one.`, { cause: error });
      return new Sorry(`The data folder ${dataDir} is not writable by you. Make it yours (chown), or name another with --data.`, {
        cause: error,
      });
    case 'EROFS':
      return new Sorry(`The disk of the data folder ${dataDir} is read-only. Make it writable, or name another folder with --data.`, {
        cause: error,
      });
    case 'ENOTDIR':
    case 'EEXIST':
      return new Sorry(`The data folder ${dataDir} cannot be made there. Name another with --data.`, { cause: error });
    case 'ENOSPC':
    case 'EDQUOT':
      return new Sorry(`There is no space left for the data folder ${dataDir}. Make room, or name another with --data.`, { cause: error });
    default:
      return error;
  }
}

function lockedBy(dataDir: string): string {
  const other = readServerFile(dataDir);
  const who = other !== null && isRunning(other) ? ` (process ${other.pid}, at ${other.url})` : '';
  return `Another Signalbox${who} uses the data folder ${dataDir}. Stop it, or name another folder with --data.`;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function syscallOf(error: unknown): unknown {
  return error instanceof Error && 'syscall' in error ? error.syscall : undefined;
}
