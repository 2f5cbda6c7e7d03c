/** Finds the config file: what the flag says, else the environment, else `signalbox.yaml` in the working folder or one above it. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export const CONFIG_NAME = 'signalbox.yaml';

export interface Whereabouts {
  /** `--config`. */
  flag?: string | undefined;
  env: NodeJS.ProcessEnv;
  cwd: string;
}

/** @returns an absolute path, of a file that may be missing when it was named; null when none was named and none is there. */
export function findConfig({ flag, env, cwd }: Whereabouts): string | null {
  const named = flag ?? env['SIGNALBOX_CONFIG'];
  if (named !== undefined && named !== '') return resolve(cwd, named);
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const file = join(folder, CONFIG_NAME);
    if (existsSync(file)) return file;
    if (folder === dirname(folder)) return null;
  }
}
