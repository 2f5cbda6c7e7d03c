/**
 * Walking the panel with the keyboard. The place is where the focus is, never a second, invisible cursor: lines one below the other, in each
 * its name, then its stations. Going up or down keeps the column as far as the other line has one.
 */
const LINES = '[data-project]';
const STOPS = 'a[data-line], [data-station] a.tier, summary';

export interface PanelPlace {
  project: string;
  /** Null on the name of the line. */
  tier: string | null;
}

const stopsOf = (line: Element): HTMLElement[] => [...line.querySelectorAll<HTMLElement>(STOPS)];

export function placeOf(focused: Element | null): PanelPlace | null {
  const project = focused?.closest<HTMLElement>(LINES)?.dataset['project'];
  if (project === undefined) return null;
  return { project, tier: focused?.closest<HTMLElement>('[data-station]')?.dataset['station'] ?? null };
}

/** @returns whether there was somewhere to go. */
export function walk(root: ParentNode, focused: Element | null, lines: number, stops: number): boolean {
  const all = [...root.querySelectorAll(LINES)];
  const line = focused?.closest(LINES) ?? null;
  const at = line === null ? -1 : all.indexOf(line);
  if (at === -1) return focusOn(stopsOf(all[lines < 0 ? all.length - 1 : 0] ?? document.createElement('i'))[0]);
  const here = all[at] === undefined ? [] : stopsOf(all[at]);
  const column = Math.max(
    0,
    here.findIndex((stop) => stop === focused || stop.closest('[data-station]')?.contains(focused) === true),
  );
  if (lines === 0) return focusOn(here[column + stops]);
  const there = all[at + lines];
  if (there === undefined) return false;
  const others = stopsOf(there);
  return focusOn(others[Math.min(column, others.length - 1)]);
}

function focusOn(stop: HTMLElement | undefined): boolean {
  stop?.focus();
  stop?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  return stop !== undefined;
}
