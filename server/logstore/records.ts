/** The small files beside a log: what it is the log of, once it is complete what is in it, and once it was deleted why. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { isCode } from './disk.ts';

export const MetaRecord = z.object({ run_id: z.int().positive(), project: z.string(), type: z.enum(['build', 'gate', 'deploy']) });

export const ClosedRecord = z.object({
  bytes: z.int().nonnegative(),
  chunks: z.int().nonnegative(),
  sha256: z.string(),
  lost_bytes: z.int().positive().exactOptional(),
  /** Absent in what an older version wrote, until the log is first looked at. */
  output: z
    .object({
      lines: z.int().nonnegative(),
      first_at: z.number().nullable(),
      last_at: z.number().nullable(),
      longest_pause_ms: z.int().nonnegative(),
    })
    .exactOptional(),
  /** When, ms since the epoch; absent in records of older versions. */
  closed_at: z.number().exactOptional(),
});
export type ClosedRecord = z.infer<typeof ClosedRecord>;

export const DeletedRecord = z.object({ at_ms: z.number(), why: z.string(), bytes: z.int().nonnegative(), sha256: z.string() });

/** @returns null when it is not there, or was not written to its end before a crash. */
export async function readRecord<T>(schema: z.ZodType<T>, path: string): Promise<T | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null;
    throw error;
  }
  return schema.safeParse(parsed(text)).data ?? null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // A torn record is no record: recovery writes it anew.
  }
}
