/** Reads every finished log and compares it with what was recorded when it was closed. Changes nothing; may run beside a live store. */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { Failure } from '../failure.ts';
import type { RunLogsReport } from '../archive/port.ts';
import { runsIn } from './copy_logs.ts';
import { isCode } from './disk.ts';
import { sourceOnDisk } from './source_on_disk.ts';
import { withLogBytes } from './log_bytes.ts';
import { runPaths } from './layout.ts';
import { ClosedRecord, DeletedRecord, readRecord } from './records.ts';

/** @param onProgress runs done, of all. */
export async function verifyRunLogs(
  folder: string,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<RunLogsReport> {
  const report: RunLogsReport = { logs: 0, bytes: 0, problems: [] };
  const runs = await runsIn(folder);
  for (const [index, run_id] of runs.entries()) {
    const paths = runPaths(folder, run_id);
    const closed = await readRecord(ClosedRecord, paths.closed);
    // A deleted one has nothing left to be compared.
    if (closed !== null && (await readRecord(DeletedRecord, paths.deleted)) === null) {
      const found = await hashOf(folder, run_id, closed);
      if (typeof found === 'string') report.problems.push(found);
      else if (found.bytes !== closed.bytes)
        report.problems.push(`The log of run ${run_id} has ${found.bytes} bytes; it had ${closed.bytes} when it was finished.`);
      else if (found.sha256 !== closed.sha256) report.problems.push(`The log of run ${run_id} was changed after it was finished.`);
      report.logs++;
      report.bytes += typeof found === 'string' ? 0 : found.bytes;
    }
    onProgress(index + 1, runs.length);
  }
  return report;
}

/** @returns a sentence when it cannot be read. */
async function hashOf(folder: string, run_id: number, closed: ClosedRecord): Promise<{ bytes: number; sha256: string } | string> {
  const hash = createHash('sha256');
  let bytes = 0;
  const source = await sourceOnDisk(folder, run_id, { ...closed, lines: closed.output?.lines ?? 0, closed: true });
  // A plain file is read as far as it goes: one that grew or shrank is told by its size.
  const end = source.type === 'plain' ? await sizeOf(source.path) : closed.bytes;
  if (end === null) return `The log of run ${run_id} is gone.`;
  try {
    await withLogBytes(source, async (log) => {
      for await (const data of log.stream(0, end)) {
        hash.update(data);
        bytes += data.length;
      }
    });
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
  return { bytes, sha256: hash.digest('hex') };
}

async function sizeOf(path: string): Promise<number | null> {
  return await stat(path).then(
    ({ size }) => size,
    (error: unknown) => (isCode(error, 'ENOENT') ? null : Promise.reject(error as Error)),
  );
}
