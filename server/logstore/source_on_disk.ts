/** Where the bytes of a log lie that is not deleted, by what is there. */
import { isThere } from './disk.ts';
import { runPaths } from './layout.ts';
import type { LogSource } from './port.ts';

export async function sourceOnDisk(
  folder: string,
  run_id: number,
  { bytes, lines, chunks, closed }: Pick<LogSource, 'bytes' | 'lines' | 'chunks' | 'closed'>,
): Promise<LogSource> {
  const { log, index, compressed, frames } = runPaths(folder, run_id);
  const common = { run_id, bytes, lines, closed, index_path: index, chunks };
  // Frames may be there half done while the log is; and without either its absence is told by whoever opens it.
  if (!closed || (await isThere(log)) || !(await isThere(frames))) return { ...common, type: 'plain', path: log };
  return { ...common, type: 'frames', path: compressed, frames_path: frames };
}
