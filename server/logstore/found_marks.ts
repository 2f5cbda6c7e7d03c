/** Marks that were found, in a form that is small in memory, passes between threads as bytes, and can be added to. */
import type { DiagnosisKind } from '../../src/shared/output/diagnosis_forms.ts';
import { KINDS } from '../../src/shared/output/diagnosis_forms.ts';
import type { ErrorMark } from '../../src/shared/output/mark_reader.ts';
import type { Section } from '../../src/shared/output/sections.ts';

export interface FoundMarks {
  /** Three numbers a mark: line, offset, kind. */
  errors: Float64Array;
  /** By number; those that were not changed are left out. */
  sections: [number, Section][];
}

export const NO_FOUND: FoundMarks = { errors: new Float64Array(0), sections: [] };
const NUMBERS_A_MARK = 3;

export interface NewMarks {
  errors: readonly ErrorMark[];
  changed: readonly [number, Section][];
  /** How many there are in all: those beyond were taken back. */
  sections: number;
}

export function appendMarks(before: FoundMarks, { errors, changed, sections }: NewMarks): FoundMarks {
  const added = errors.flatMap(({ n, offset, kind }) => [n, offset, KINDS.indexOf(kind)]);
  return joinFound(before, { errors: Float64Array.from(added), sections: [...changed] }, sections);
}

/** @param sections how many there are in all. */
export function joinFound(before: FoundMarks, added: FoundMarks, sections: number): FoundMarks {
  if (added.errors.length === 0 && added.sections.length === 0 && before.sections.length <= sections) return before;
  const errors = new Float64Array(before.errors.length + added.errors.length);
  errors.set(before.errors);
  errors.set(added.errors, before.errors.length);
  const byNumber = new Map([...before.sections, ...added.sections]);
  return { errors, sections: [...byNumber].filter(([k]) => k < sections).sort(([a], [b]) => a - b) };
}

export function errorMarks({ errors }: FoundMarks): ErrorMark[] {
  return Array.from({ length: errors.length / NUMBERS_A_MARK }, (_, at) => {
    const [n = 0, offset = 0, kind = 0] = errors.subarray(at * NUMBERS_A_MARK);
    return { n, offset, kind: kindAt(kind) };
  });
}

function kindAt(index: number): DiagnosisKind {
  return KINDS[index] ?? 'system';
}
