/** A case with its red controls, judged: what the table and the tests show of it. */
import { runCase, missing } from './process.ts';
import type { Asked, FaultCase, Found, Guard } from './case.ts';
import { withoutGuard } from './without_guard.ts';

export interface Verdict {
  name: string;
  found: Found;
  /** Guards whose absence showed. */
  red: readonly string[];
  /** Guards whose absence did not show: the case proves nothing about them. */
  blind: readonly string[];
  /** What was not there to run it with; null when it ran. */
  skipped: string | null;
}

export async function judge(root: string, file: string, faultCase: FaultCase, asked: Asked, guards: readonly Guard[]): Promise<Verdict> {
  const { name } = faultCase;
  const skipped = missing(faultCase);
  if (skipped !== null) return { name, found: { runs: 0, violations: [] }, red: [], blind: [], skipped };
  const ended = await runCase(root, file, asked, faultCase.deadline_ms);
  const found = ended.type === 'found' ? ended.found : { runs: 0, violations: [`the case did not end by itself: ${ended.why}`] };
  const red: string[] = [];
  const blind: string[] = [];
  for (const guard of guards) ((await showsWithout(root, file, faultCase, guard, asked.seed)) ? red : blind).push(guard.name);
  return { name, found, red, blind, skipped: null };
}

/** A case that dies or never ends without the guard has noticed, too. */
async function showsWithout(root: string, file: string, faultCase: FaultCase, guard: Guard, seed: number): Promise<boolean> {
  const copy = withoutGuard(root, guard);
  try {
    const ended = await runCase(copy.folder, file, { runs: faultCase.red_runs, seed }, faultCase.deadline_ms);
    return ended.type === 'died' || ended.found.violations.length > 0;
  } finally {
    copy.remove();
  }
}
