/** Gets what is selected of a log from the server, in pages: as much as a clipboard should hold, and no more. */
import { ExtractText } from '../logview/extract_text.ts';
import type { LogServer } from '../logview/log_server.ts';
import { linesOf, type Extract } from '../logview/log_selection.ts';
import { unpackStyle } from '../shared/output/packed_style.ts';
import { counted } from '../shared/words/version.ts';
import type { ByteRange } from '../transport/api.ts';

/** Of the file. The text is as long again in memory, twice while it is handed over. */
export const COPY_BYTES_MOST = 16 * 1024 * 1024;
export const COPY_PAGE_BYTES = 1024 * 1024;

export interface CopyDeps {
  run_id: number;
  server: Pick<LogServer, 'place' | 'lines'>;
  bytes(run_id: number, range: ByteRange): Promise<Uint8Array>;
}

/** Bytes of whole lines, the last one's end included. @throws as the server. */
export async function bytesOfLines({ run_id, server }: Pick<CopyDeps, 'run_id' | 'server'>, from: number, to: number): Promise<ByteRange> {
  const [first, next] = await Promise.all([server.place(run_id, { line: from }), server.place(run_id, { line: to + 1 })]);
  return { from: first.offset, to: next.n > to ? next.offset : next.bytes };
}

/** Says so in words for the reader. */
export class TooMuchToCopy extends Error {
  override readonly name = 'TooMuchToCopy';
}

/** @param progress share that is here, 0 to 1. @throws TooMuchToCopy; as the server; the signal's reason. */
export async function loadText(
  deps: CopyDeps,
  extract: Extract,
  colours: boolean,
  progress: (share: number) => void,
  signal: AbortSignal,
): Promise<string> {
  const { run_id, server } = deps;
  const lines = { from: extract.from.line, to: extract.to.line };
  const range = await bytesOfLines(deps, lines.from, lines.to);
  const size = range.to - range.from;
  if (size > COPY_BYTES_MOST) {
    const { from, to } = linesOf({ type: 'text', anchor: extract.from, focus: extract.to });
    throw new TooMuchToCopy(`Too much to copy: ${counted(to - from + 1, 'line')}, ${counted(size, 'byte')}. Download instead.`);
  }
  const style = colours ? unpackStyle((await server.lines(run_id, lines.from, 1, signal)).style) : null;
  const text = new ExtractText(extract, style);
  for (let from = range.from; from < range.to; from += COPY_PAGE_BYTES) {
    signal.throwIfAborted();
    text.add(await deps.bytes(run_id, { from, to: Math.min(range.to, from + COPY_PAGE_BYTES) }));
    progress(Math.min(1, (from + COPY_PAGE_BYTES - range.from) / size));
  }
  signal.throwIfAborted();
  return text.end();
}
