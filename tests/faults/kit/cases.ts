/** Every case there is: the files of `cases/`, by name. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { FaultCase } from './case.ts';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const FOLDER = 'tests/faults/cases';

export interface CaseFile {
  /** Relative to the repository. */
  file: string;
  faultCase: FaultCase;
}

export async function allCases(): Promise<CaseFile[]> {
  const names = readdirSync(join(ROOT, FOLDER)).filter((name) => name.endsWith('.case.ts'));
  return Promise.all(
    names.toSorted().map(async (name) => {
      const file = `${FOLDER}/${name}`;
      const { faultCase } = (await import(pathToFileURL(join(ROOT, file)).href)) as { faultCase: FaultCase };
      return { file, faultCase };
    }),
  );
}
