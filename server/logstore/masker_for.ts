/** A masker of a run's secrets. What is worked out for it is kept for the next run, which mostly has the same. */
import { maskerWith, maskTables, type Masker, type MaskTables } from './masker.ts';
import { secretForms } from './secret_forms.ts';

/** Projects whose secrets are known at once. */
const KEPT_MOST = 8;
/** By the secrets. */
const kept = new Map<string, MaskTables | null>();

export function maskerFor(secrets: readonly string[]): Masker {
  const key = JSON.stringify(secrets);
  const tables = kept.get(key) ?? maskTables(secretForms(secrets));
  // As the one used last.
  kept.delete(key);
  kept.set(key, tables);
  const [oldest] = kept.keys();
  if (kept.size > KEPT_MOST && oldest !== undefined) kept.delete(oldest);
  return maskerWith(tables);
}
