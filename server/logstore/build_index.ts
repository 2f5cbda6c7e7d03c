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
import { packEntries, type IndexEntry } from './log_index.ts';
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
  cuts: readonly KnownCut[];
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
  { log, size, cuts, seen }: BuildDeps,
  put: (data: Buffer, position: number) => Promise<void>,
): Promise<Required<Pick<ClosedRecord, 'chunks' | 'output'>>> {
  const timeline = new OutputTimeline(null);
  let tally = NOTHING_YET;
  let chunks = 0;
  let written = 0;
  while (tally.end < size) {
    const data = await log.read(tally.end, Math.min(size, tally.end + READ_BYTES));
    const pieces = piecesOf(data, { from: tally.end, last: tally.end + data.length === size }, cuts, chunks);
    const entries: IndexEntry[] = [];
    for (const piece of pieces) {
      const at_ms = (cuts[chunks] ?? cuts.at(-1))?.at_ms ?? Number.NaN;
      seen(piece);
      tally = tallied(tally, piece);
      timeline.stored(at_ms);
      entries.push(entryOf(tally, at_ms));
      chunks++;
    }
    const packed = packEntries(entries);
    await put(packed, written);
    written += packed.length;
  }
  return { chunks, output: { lines: linesOf(tally), ...timeline.times(null) } };
}

/**
 * `data` as the chunks it was stored in; what belongs to a chunk that is not whole in it is left out, unless it is the last of the log.
 * @param from where `data` begins. @param first the chunk that begins there.
 */
function piecesOf(data: Buffer, { from, last }: { from: number; last: boolean }, cuts: readonly KnownCut[], first: number): Buffer[] {
  const pieces: Buffer[] = [];
  let at = 0;
  for (let chunk = first; chunk < cuts.length; chunk++) {
    const end = (cuts[chunk]?.end ?? 0) - from;
    if (end > data.length) return pieces;
    pieces.push(data.subarray(at, end));
    at = end;
  }
  const rest = data.subarray(at);
  pieces.push(...cutPieces(last ? rest : rest.subarray(0, rest.length - unfinished(rest)), CHUNK_MAX_BYTES));
  return pieces;
}
