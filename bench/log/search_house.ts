/**
 * A log of about 1 GB under the real server, as it was written and compressed, each as often as it is to be searched anew: the server keeps what it has
 * found, so that a second search of one log costs nothing. They are hard links to one file, so the page cache holds them all.
 */
import { appendFileSync, linkSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { systemClock } from '../../server/clock.ts';
import { compressLog } from '../../server/logstore/compress_log.ts';
import { realDisk } from '../../server/logstore/disk.ts';
import { runPaths, type RunPaths } from '../../server/logstore/layout.ts';
import { openLogStore } from '../../server/logstore/log_store.ts';
import { ClosedRecord } from '../../server/logstore/records.ts';
import { Line } from '../../tests/support/line.ts';
import { Signalbox } from '../../tests/support/signalbox.ts';
// With it the folder goes also when the bench is interrupted.
import { removeFolder } from '../record/temp_folder.ts';
import { sampleOutput } from './sample_output.ts';

const SEED = 20_261_128;
const WRITTEN = 1;
const PACKED = 10_001;
/** Stands once, in the last line: what is found at the end of the log only. */
export const LAST_LINE = 'the last line of all';

export interface SearchHouse {
  server: Signalbox;
  /** The file that grep reads too. */
  path: string;
  bytes: number;
  lines: number;
  packed_bytes: number;
  /** Logs that nobody has searched yet. */
  written: (copy: number) => number;
  packed: (copy: number) => number;
  close: () => Promise<void>;
}

export async function openSearchHouse({ lines, copies }: { lines: number; copies: number }): Promise<SearchHouse> {
  const line = await Line.make();
  process.once('exit', () => removeFolder(line.folder));
  appendFileSync(line.config, 'logs: { keep_days: 0, keep_bytes: 0B, compress: false }\n');
  const folder = join(line.data, 'logs');
  const paths = runPaths(folder, WRITTEN);
  await write(folder, lines);
  const closed = ClosedRecord.parse(JSON.parse(readFileSync(paths.closed, 'utf8')));
  const packed = linked(folder, paths, PACKED, [paths.log]);
  const packed_bytes = await compressLog(PACKED, packed, closed, { disk: realDisk, goOn: () => undefined });
  for (let copy = 1; copy < copies; copy++) {
    linked(folder, paths, WRITTEN + copy, [paths.log]);
    linked(folder, packed, PACKED + copy, [packed.compressed, packed.frames]);
  }
  const server = await new Signalbox(line).start();
  return {
    server,
    path: paths.log,
    bytes: closed.bytes,
    lines: closed.output?.lines ?? Number.NaN,
    packed_bytes,
    written: (copy) => WRITTEN + copy,
    packed: (copy) => PACKED + copy,
    async close() {
      await server.stop();
      await line.remove();
    },
  };
}

/** By the real store, as a run's output is. */
async function write(folder: string, lines: number): Promise<void> {
  const store = await openLogStore({ folder, clock: systemClock, report: (what, detail) => void console.error(what, detail) });
  const log = await store.create({ run_id: WRITTEN, project: 'app', type: 'gate' }, []);
  for (const piece of sampleOutput({ lines: lines - 1 }, SEED)) {
    log.write(piece);
    await log.drained();
  }
  log.write(Buffer.from(`${LAST_LINE}\n`));
  await log.close();
  await store.close();
}

/** The same log under another number. */
function linked(folder: string, from: RunPaths, run_id: number, files: readonly string[]): RunPaths {
  const paths = runPaths(folder, run_id);
  mkdirSync(paths.folder, { recursive: true });
  for (const file of [...files, from.index, from.closed]) linkSync(file, join(paths.folder, basename(file)));
  writeFileSync(paths.meta, JSON.stringify({ run_id, project: 'app', type: 'gate' }));
  return paths;
}
