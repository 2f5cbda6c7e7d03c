/** What a column of the event log must be. */
import type { SQLOutputValue } from 'node:sqlite';
import { LogError } from '../port.ts';

export type Columns = Record<string, SQLOutputValue>;

/** @throws LogError `broken` when the column is not an integer. */
export function integer(row: Columns, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw new LogError('broken', `column ${column} of the event log is not a number`);
  return value;
}

/** @throws LogError `broken` when the column is not a text. */
export function text(row: Columns, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new LogError('broken', `column ${column} of the event log is not a text`);
  return value;
}

/** @throws LogError `broken` when the column is neither a text nor empty. */
export function textOrNull(row: Columns, column: string): string | null {
  return row[column] === null ? null : text(row, column);
}
