/**
 * The identity of a data folder, as it stands in the nonces of its runs: a random id kept in the folder, mixed with where the folder is.
 * Not the id alone: a copied data folder would sweep away the original's runs.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ID = /^[0-9a-f]{32}$/;

/** @returns 16 hex digits. @throws when the folder cannot be written. */
export function folderId(folder: string, report: (message: string) => void): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'runner_id');
  return createHash('sha256').update(keptId(file, report)).update('\0').update(realpathSync(folder)).digest('hex').slice(0, 16);
}

function keptId(file: string, report: (message: string) => void): string {
  const fresh = randomBytes(16).toString('hex');
  try {
    writeFileSync(file, fresh, { flag: 'wx', mode: 0o600 });
    return fresh;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  const kept = readFileSync(file, 'utf8').trim();
  if (ID.test(kept)) return kept;
  report(`${file} was damaged and has been written anew; processes that an earlier life left running are not recognised this once`);
  writeFileSync(file, fresh, { mode: 0o600 });
  return fresh;
}
