/**
 * Makes the index of a log anew from its bytes. The file is the truth: what is kept of an earlier index is only where its chunks ended and when
 * they were stored, as far as that agrees with the file; bytes that no chunk covers become chunks. The old index stands until the new one is whole.
 */
import { rename, rm } from 'node:fs/promises';
import type { Disk } from './disk.ts';
import type { KnownCut } from './known_cuts.ts';
import type { RunPaths } from './layout.ts';
import type { LogBytes } from './log_bytes.ts';
import { CHUNK_MAX_BYTES } from './log_file.ts';
import { ENTRY_BYTES, packEntries, type IndexEntry } from './log_index.ts';
import { OutputTimeline } from './output_times.ts';
import type { ClosedRecord } from './records.ts';
import { entryOf, linesOf, NOTHING_YET, tallied } from './tally.ts';
import { cutPieces, unfinished } from './utf8_cut.ts';

const READ_BYTES = 1_048_576;

export interface BuildDeps {
  disk: Disk;
  paths: RunPaths;
  log: LogBytes;
  /** Bytes the log has. */
  size: number;
  cuts: AsyncIterable<readonly KnownCut[]>;
  /** Gets every byte once, in order. */
  seen: (data: Buffer) => void;
}

/** @returns what a record says of it. @throws the file system's error; the old index is then as it was. */
export async function buildIndex(deps: BuildDeps): Promise<Required<Pick<ClosedRecord, 'chunks' | 'output'>>> {
  const { disk, paths } = deps;
  await rm(paths.new_index, { force: true });
  const file = await disk.create(paths.new_index);
  let built: Awaited<ReturnType<typeof buildIndex>>;
  try {
    built = await write(deps, (data, position) => file.write(data, position));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(paths.new_index, paths.index);
  return built;
}

async function write(
  deps: BuildDeps,
  put: (data: Buffer, position: number) => Promise<void>,
): Promise<Required<Pick<ClosedRecord, 'chunks' | 'output'>>> {
  const timeline = new OutputTimeline(null);
  let tally = NOTHING_YET;
  let chunks = 0;
  for await (const pieces of piecesOf(deps)) {
    const entries: IndexEntry[] = [];
    for (const { data, at_ms } of pieces) {
      deps.seen(data);
      tally = tallied(tally, data);
      timeline.stored(at_ms);
      entries.push(entryOf(tally, at_ms));
    }
    await put(packEntries(entries), chunks * ENTRY_BYTES);
    chunks += pieces.length;
  }
  return { chunks, output: { lines: linesOf(tally), ...timeline.times(null) } };
}

interface Piece {
  data: Buffer;
  at_ms: number;
}

/** The chunks a log was stored in, and behind them what no chunk covers, cut into such; a part of them at a time. */
async function* piecesOf({ log, size, cuts }: BuildDeps): AsyncGenerator<Piece[]> {
  let done = 0;
  let at_ms = Number.NaN;
  let data: Buffer = Buffer.alloc(0);
  /** Where `data` begins. */
  let from = 0;
  const readOn = async (): Promise<void> => {
    data = await log.read(done, Math.min(size, done + READ_BYTES));
    from = done;
  };
  for await (const some of cuts) {
    let pieces: Piece[] = [];
    for (const cut of some) {
      if (cut.end > from + data.length) {
        // What was cut out of the bytes before is used first, so that only one part of the log is held.
        yield pieces;
        pieces = [];
        await readOn();
      }
      pieces.push({ data: data.subarray(done - from, cut.end - from), at_ms: cut.at_ms });
      done = cut.end;
      at_ms = cut.at_ms;
    }
    yield pieces;
  }
  while (done < size) {
    await readOn();
    const whole = from + data.length === size ? data : data.subarray(0, data.length - unfinished(data));
    yield cutPieces(whole, CHUNK_MAX_BYTES).map((piece) => ({ data: piece, at_ms }));
    done += whole.length;
  }
}
