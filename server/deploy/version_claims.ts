/**
 * Which build owns which version, one line each, for ever: `<version> <run_id of its first attempt>`. The state forgets old releases and their
 * folders are removed, but nodes and people remember; a second release under an old name would be taken for the first.
 */
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { flush } from './file_tree.ts';
import { errorCode } from './system_error.ts';

export const CLAIMS_FILE = '.versions';

/** @param home the project's folder of releases. */
export async function readClaims(home: string): Promise<Map<string, number>> {
  let text = '';
  try {
    text = await readFile(join(home, CLAIMS_FILE), 'utf8');
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  const claims = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [version = '', owner = ''] = line.split(' ');
    // The first claim counts. A line that a crash cut short claims for nobody.
    if (version !== '' && !claims.has(version)) claims.set(version, Number.parseInt(owner, 10));
  }
  return claims;
}

/** On the disk when it resolves. */
export async function claimVersion(home: string, version: string, owner: number): Promise<void> {
  const file = await open(join(home, CLAIMS_FILE), 'a');
  try {
    // Begins with a line of its own, because the last one may have been cut short.
    await file.writeFile(`\n${version} ${owner}`);
    await file.datasync();
  } finally {
    await file.close();
  }
  await flush(home);
}
