/** Settings of the machine the service was deployed to; they lie beside its `current` link. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The file every node must have, or null when none is needed. */
export const SETTINGS_FILE = null;

/** @returns the path of the file that is missing, or null. Only a deployed service needs one. */
export function missingSettings({ node, folder, file = SETTINGS_FILE }) {
  if (node === null || file === null) return null;
  const path = join(folder, file);
  return existsSync(path) ? null : path;
}
