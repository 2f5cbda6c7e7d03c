/** Where the package keeps what it brings along. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const PACKAGE_ROOT = join(import.meta.dirname, '../..');

/** The built pages; null when they were not built. */
export function webRoot(): string | null {
  const folder = join(PACKAGE_ROOT, 'dist/web');
  return existsSync(join(folder, 'index.html')) ? folder : null;
}

/** Where the example lives: repository, config, nodes and data, so that removing one folder removes all of it. @param named the data folder a flag or the environment names. */
export function demoFolder(named: string | null): string {
  return join(named ?? join(PACKAGE_ROOT, '.signalbox'), 'demo');
}

export function packageVersion(): string {
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8'))).version;
}
