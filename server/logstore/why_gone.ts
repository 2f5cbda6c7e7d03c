/** What to say when a file of a log is not where it was said to be: logs are deleted while others read them. */
import { dirname, join } from 'node:path';
import { Failure } from '../failure.ts';
import { isCode } from './disk.ts';
import type { LogSource } from './port.ts';

/** @returns Failure `log_deleted` with when and why, `gone` where nobody deleted it; any other error as it is. */
export async function whyGone({ run_id, path }: Pick<LogSource, 'run_id' | 'path'>, error: unknown): Promise<Error> {
  if (!isCode(error, 'ENOENT')) return error as Error;
  // Schemas are not worth loading for who only reads logs.
  const { DeletedRecord, readRecord } = await import('./records.ts');
  // It is written before anything is removed.
  const deleted = await readRecord(DeletedRecord, join(dirname(path), 'deleted.json'));
  return deleted === null
    ? new Failure('gone', `The log of run ${run_id} is gone.`, { cause: error })
    : new Failure('log_deleted', deleted.why, { cause: error });
}
