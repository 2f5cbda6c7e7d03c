/** A copy of the sources with one guard taken out, for a red control. The packages are shared by a link; nothing of the repository is touched. */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Guard } from './case.ts';

const COPIED = ['server', 'src', 'tests', 'examples', 'package.json', 'tsconfig.json', 'tsconfig.base.json'];

/** @returns how often the source has the guard. */
export function placesOf(root: string, { file, find }: Guard): number {
  return readFileSync(join(root, file), 'utf8').split(find).length - 1;
}

/** @returns the folder of the copy and what removes it. @throws Error when the guard is not there exactly once: the control has rotted. */
export function withoutGuard(root: string, guard: Guard): { folder: string; remove(): void } {
  const { name, file, find, replace } = guard;
  const text = readFileSync(join(root, file), 'utf8');
  const found = placesOf(root, guard);
  if (found !== 1) throw new Error(`the guard "${name}" should be once in ${file}, but is there ${found} times`);
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-red-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    for (const each of COPIED) cpSync(join(root, each), join(folder, each), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(
      join(folder, file),
      text.replace(find, () => replace),
    );
    return { folder, remove };
  } catch (error) {
    remove();
    throw error;
  }
}
