/** What SQLite or the file system said, as one of the log's few codes. */
import { LogError, type LogErrorCode } from '../port.ts';

/** Primary result codes, https://sqlite.org/rescode.html. */
const SQLITE_PERM = 3;
const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_READONLY = 8;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;

/** Whatever is not named here, above all IOERR, CORRUPT and NOTADB, is `broken`: after a failed fsync SQLite may call the next commit good. */
const BY_RESULT: ReadonlyMap<number, LogErrorCode> = new Map([
  [SQLITE_FULL, 'full'],
  [SQLITE_PERM, 'unwritable'],
  [SQLITE_BUSY, 'unwritable'],
  [SQLITE_LOCKED, 'unwritable'],
  [SQLITE_READONLY, 'unwritable'],
  [SQLITE_CANTOPEN, 'unwritable'],
]);

const BY_ERRNO: ReadonlyMap<string, LogErrorCode> = new Map([
  ['ENOSPC', 'full'],
  ['EDQUOT', 'full'],
  ['EACCES', 'unwritable'],
  ['EPERM', 'unwritable'],
  ['EROFS', 'unwritable'],
  ['ENOTDIR', 'unwritable'],
  ['EISDIR', 'unwritable'],
  ['EEXIST', 'unwritable'],
]);

/** The low byte of an extended result code is the primary one. */
const PRIMARY_MASK = 0xff;

/** @returns the primary result code of an error of node:sqlite, or null for any other error. */
export function sqliteResult(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return null;
  return error.errcode & PRIMARY_MASK;
}

export function isBusy(error: unknown): boolean {
  return sqliteResult(error) === SQLITE_BUSY;
}

/** @param what the thing that failed, to begin the sentence with. A `LogError` stays as it is. */
export function logErrorOf(error: unknown, what: string): LogError {
  if (error instanceof LogError) return error;
  const message = `${what}: ${error instanceof Error ? error.message : String(error)}`;
  const result = sqliteResult(error);
  if (result !== null) return new LogError(BY_RESULT.get(result) ?? 'broken', message, { cause: error });
  const errno = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  return new LogError(BY_ERRNO.get(errno) ?? 'broken', message, { cause: error });
}
