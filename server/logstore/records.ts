/** The two small files beside a log: what it is the log of, and, once it is complete, what is in it. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { isCode } from './disk.ts';

export const MetaRecord = z.object({ run_id: z.int().positive(), project: z.string(), type: z.enum(['build', 'gate', 'deploy']) });

export const ClosedRecord = z.object({
  bytes: z.int().nonnegative(),
  chunks: z.int().nonnegative(),
  sha256: z.string(),
  lost_bytes: z.int().positive().exactOptional(),
});
export type ClosedRecord = z.infer<typeof ClosedRecord>;

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
