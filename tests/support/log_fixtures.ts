/**
 * Logs in the form of the tools that write such, made up for this: none was taken from anywhere. `expected.json` says of each the line to land on and
 * why, or that there is none, and its sections.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MarkReader } from '../../src/shared/output/mark_reader.ts';
import type { DiagnosisKind } from '../../src/shared/output/diagnosis_forms.ts';

const FOLDER = join(import.meta.dirname, '../fixtures/logs');

export interface LogFixture {
  name: string;
  data: Buffer;
  first: { n: number; kind: DiagnosisKind } | null;
  sections: { title: string; from: number; to: number }[];
  why: string;
}

export function logFixtures(): LogFixture[] {
  const table = JSON.parse(readFileSync(join(FOLDER, 'expected.json'), 'utf8')) as Record<string, Omit<LogFixture, 'name' | 'data'>>;
  return Object.entries(table).map(([name, expected]) => ({ name, data: readFileSync(join(FOLDER, `${name}.log`)), ...expected }));
}

/** Lines as bytes: what comes after the last line feed is one if there is anything. */
export function linesOf(data: Buffer): { offset: number; raw: string }[] {
  const lines: { offset: number; raw: string }[] = [];
  for (let offset = 0; offset < data.length;) {
    const feed = data.indexOf(10, offset);
    const end = feed === -1 ? data.length : feed;
    lines.push({ offset, raw: data.toString('utf8', offset, end) });
    offset = end + 1;
  }
  return lines;
}

/** Every line read. */
export function readEveryLine(data: Buffer): MarkReader {
  const reader = new MarkReader();
  const lines = linesOf(data);
  for (const [at, { offset, raw }] of lines.entries()) reader.read(at + 1, offset, raw);
  reader.finish(lines.length);
  return reader;
}

/** All a reader found, to compare. */
export function foundBy(reader: MarkReader): object {
  const { count, sections } = reader.state;
  const kept = [...reader.sections].filter(([k]) => k < sections.count).sort(([a], [b]) => a - b);
  return { count, errors: reader.errors, sections: kept.map(([, section]) => section) };
}
