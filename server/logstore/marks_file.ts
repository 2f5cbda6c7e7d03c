/** The file of a complete log's marks, beside it. It can always be made anew: one that is torn, of other forms or of another size is none. */
import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { FORMS_FINGERPRINT } from '../../src/shared/output/diagnosis_forms.ts';
import { NO_MARKS, type MarkState } from '../../src/shared/output/mark_reader.ts';
import { isCode, isThere } from './disk.ts';
import type { FoundMarks } from './found_marks.ts';

/** Changes with what a mark or a section is, where the forms do not tell. */
const MARKS_VERSION = 1;

const count = z.int().nonnegative();
const MarksRecord = z.object({
  version: z.literal(MARKS_VERSION),
  forms: z.literal(FORMS_FINGERPRINT),
  bytes: count,
  lines: count,
  count,
  /** Three numbers a mark, line and offset as the difference to the one before. */
  errors: z.array(z.int()),
  sections: z.array(z.tuple([z.int().positive(), z.int().positive(), z.string(), count])),
});

export interface KeptMarks {
  place: { offset: number; n: number; no_feed_to: number };
  state: MarkState;
  found: FoundMarks;
}

/** @param bytes of the log. @returns null when there is none that holds. */
export async function readMarks(path: string, bytes: number): Promise<KeptMarks | null> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => (isCode(error, 'ENOENT') ? null : Promise.reject(error as Error)));
  const record = text === null ? undefined : MarksRecord.safeParse(parsed(text)).data;
  if (record?.bytes !== bytes) return null;
  const errors = Float64Array.from(record.errors);
  for (let at = 3; at < errors.length; at++) if (at % 3 !== 2) errors[at] = (errors[at] ?? 0) + (errors[at - 3] ?? 0);
  const sections: FoundMarks['sections'] = record.sections.map(([from, to, title, depth], k) => [k, { from, to, title, depth }]);
  return {
    place: { offset: bytes, n: record.lines + 1, no_feed_to: 0 },
    state: { ...NO_MARKS, count: record.count, sections: { ...NO_MARKS.sections, count: sections.length } },
    found: { errors, sections },
  };
}

/** Whole or not at all, and not beside what is left of a deleted log. A disk that takes no more only means that it is looked for again. */
export async function writeMarks(path: string, { place, state, found: { errors, sections } }: KeptMarks): Promise<void> {
  const record: z.infer<typeof MarksRecord> = {
    version: MARKS_VERSION,
    forms: FORMS_FINGERPRINT,
    bytes: place.offset,
    lines: place.n - 1,
    count: state.count,
    errors: Array.from(errors, (value, at) => (at < 3 || at % 3 === 2 ? value : value - (errors[at - 3] ?? 0))),
    sections: sections.map(([, { from, to, title, depth }]) => [from, to ?? from, title, depth]),
  };
  const unfinished = `${path}.${randomUUID()}`;
  try {
    await writeFile(unfinished, JSON.stringify(record), { flag: 'wx', mode: 0o600 });
    await rename(unfinished, path);
    // Its files are removed after its record was written: either they were not looked through yet, or the record is there now.
    if (await isThere(join(dirname(path), 'deleted.json'))) await rm(path, { force: true });
  } catch (error) {
    await rm(unfinished, { force: true });
    if (!isCode(error, 'ENOSPC', 'EDQUOT', 'EROFS', 'ENOENT')) throw error;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // Torn: it is made anew.
  }
}
