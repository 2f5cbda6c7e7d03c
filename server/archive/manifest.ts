/** The list of what a backup holds, written last: a backup without it is not finished, and one that differs from it is damaged. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ArchiveError } from './archive_error.ts';

export const MANIFEST_NAME = 'signalbox-backup.json';
const FORMAT = 1;

const Entry = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('file'), path: z.string(), bytes: z.int(), sha256: z.string(), mode: z.int() }),
  z.strictObject({ type: z.literal('link'), path: z.string(), target: z.string() }),
  z.strictObject({ type: z.literal('folder'), path: z.string() }),
]);
export type Entry = z.infer<typeof Entry>;

const Manifest = z.looseObject({
  format: z.literal(FORMAT),
  /** Of the Signalbox that made it. */
  version: z.string(),
  taken_at: z.string(),
  epoch: z.string(),
  /** seq_no of the last event. */
  head: z.int(),
  entries: z.array(Entry),
});
export type Manifest = z.infer<typeof Manifest>;

export function printManifest(manifest: Omit<Manifest, 'format'>): string {
  return `${JSON.stringify({ format: FORMAT, ...manifest }, null, 1)}\n`;
}

/** @throws ArchiveError when there is none, or it cannot be read. */
export async function readManifest(folder: string): Promise<Manifest> {
  let text: string;
  try {
    text = await readFile(join(folder, MANIFEST_NAME), 'utf8');
  } catch (cause) {
    throw new ArchiveError(`${folder} holds no finished backup: ${MANIFEST_NAME} is not there.`, { cause });
  }
  const read = Manifest.safeParse(parsed(text));
  if (read.success && read.data.entries.every(({ path }) => isInside(path))) return read.data;
  throw new ArchiveError(`${join(folder, MANIFEST_NAME)} cannot be read. It is damaged, or a later Signalbox wrote it.`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON fits no schema either: one sentence for both.
    return null;
  }
}

/** A list from elsewhere must not lead out of the folder. */
function isInside(path: string): boolean {
  return path !== '' && !path.startsWith('/') && !path.split('/').includes('..');
}
