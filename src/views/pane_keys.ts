/** The keys of several logs side by side; those of a log itself are its own. */
import type { KeyAction } from '../a11y/keys.ts';
import { PANES_MOST } from '../state/pane_runs.ts';

export interface PaneKeysDeps {
  count(): number;
  /** @param index from 0. */
  focus(index: number): void;
  /** Same time on or off. */
  same(): void;
}

export function paneKeys(deps: PaneKeysDeps): Record<string, KeyAction> {
  const digits = Array.from({ length: PANES_MOST }, (_, index): [string, KeyAction] => [
    String(index + 1),
    () => index < deps.count() && deps.focus(index),
  ]);
  return { ...Object.fromEntries(digits), s: () => deps.same() };
}
