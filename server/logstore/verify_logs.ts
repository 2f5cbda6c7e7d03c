/** Reads every finished log and compares it with what was recorded when it was closed. Changes nothing; may run beside a live store. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { RunLogsReport } from '../archive/port.ts';
import { runsIn } from './copy_logs.ts';
import { isCode } from './disk.ts';
import { runPaths } from './layout.ts';
import { ClosedRecord, readRecord } from './records.ts';

const READ_BYTES = 1024 * 1024;

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
    if (closed !== null) {
      const found = await hashOf(paths.log);
      if (found === null) report.problems.push(`The log of run ${run_id} is gone.`);
      else if (found.bytes !== closed.bytes)
        report.problems.push(`The log of run ${run_id} has ${found.bytes} bytes; it had ${closed.bytes} when it was finished.`);
      else if (found.sha256 !== closed.sha256) report.problems.push(`The log of run ${run_id} was changed after it was finished.`);
      report.logs++;
      report.bytes += found?.bytes ?? 0;
    }
    onProgress(index + 1, runs.length);
  }
  return report;
}

async function hashOf(path: string): Promise<{ bytes: number; sha256: string } | null> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const data of createReadStream(path, { highWaterMark: READ_BYTES }) as AsyncIterable<Buffer>) {
      hash.update(data);
      bytes += data.length;
    }
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null;
    throw error;
  }
  return { bytes, sha256: hash.digest('hex') };
}
