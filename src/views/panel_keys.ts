/** The keys of the panel. A letter acts on the tier that has the focus, or on the one that needs it most; it opens a dialog and never acts. */
import { tick } from 'svelte';
import { checkLever, leversOf, type Ask, type LeverCheck } from '../components/levers/ask.ts';
import { lineOf } from '../components/panel/line_model.ts';
import { placeOf, walk } from '../components/panel/walk.ts';
import { needsYou } from '../shared/fold/needs.ts';
import { findProject } from '../shared/fold/select.ts';
import type { ProjectState, TierState } from '../shared/fold/state.ts';
import type { KeyAction } from '../a11y/keys.ts';
import type { App } from '../state/context.ts';
import { runPath } from '../state/paths.ts';

export interface PanelKeysDeps {
  app: App;
  root: () => HTMLElement;
  check: LeverCheck;
  onask: (ask: Ask) => void;
  onactivity: () => void;
}

export function panelKeys({ app, root, check, onask, onactivity }: PanelKeysDeps): Record<string, KeyAction> {
  const go = (lines: number, stops: number): KeyAction => ({
    run: () => void walk(root(), document.activeElement, lines, stops),
    repeat: true,
  });
  const lever =
    (type: Ask['type']): KeyAction =>
    () =>
      pull(type);

  function where(type: Ask['type'] | null): { project: ProjectState; tier: TierState | null } | null {
    const { state } = app.dashboard;
    const place = placeOf(document.activeElement);
    const project = place === null ? state.projects[0] : findProject(state, place.project);
    if (project === undefined) return null;
    if (place?.tier != null) return { project, tier: project.tiers.find((tier) => tier.id === place.tier) ?? null };
    // No tier has the focus: the one that waits for this very lever, else the first where it works.
    const need =
      type === null ? undefined : needsYou(state).find((one) => (place === null || one.project === project.id) && one.type === type);
    const wanted = need === undefined ? project : (findProject(state, need.project) ?? project);
    const tier = wanted.tiers.find((one) =>
      need !== undefined && 'tier' in need ? one.id === need.tier.id : type !== null && works(wanted, one, type),
    );
    return { project: wanted, tier: tier ?? null };
  }
  function works(project: ProjectState, tier: TierState, type: Ask['type']): boolean {
    return leversOf(project, tier, (version) => version).some((spec) => spec.ask.type === type && checkLever(spec, check).allowed);
  }
  function pull(type: Ask['type']): void {
    const at = where(type);
    if (at === null) return;
    const specs =
      at.tier === null
        ? []
        : leversOf(at.project, at.tier, lineOf(at.project, app.clock.now, app.actor).short).filter((spec) => spec.ask.type === type);
    const spec = specs.find((one) => checkLever(one, check).allowed) ?? specs[0];
    const verdict = spec === undefined ? null : checkLever(spec, check);
    if (spec !== undefined && verdict?.allowed === true) onask(spec.ask);
    else if (at.tier !== null)
      sayWhyNot(at.project.id, at.tier.id, type, verdict?.allowed === false ? verdict.reason : `Nothing to do on ${at.tier.id}.`);
  }
  /** The lever itself says why: its menu opens on it. Where there is no menu, the page's live region says it. */
  function sayWhyNot(project: string, tier: string, type: string, reason: string): void {
    const station = root().querySelector(`[data-project="${CSS.escape(project)}"] [data-station="${CSS.escape(tier)}"]`);
    station?.querySelector<HTMLElement>('[popovertarget]')?.click();
    void tick().then(() => {
      const off = station?.querySelector<HTMLElement>(`[data-lever="${type}"]`);
      if (off == null) app.announce(reason);
      else off.focus();
    });
  }
  function openLog(): void {
    const at = where(null);
    if (at === null) return;
    const line = lineOf(at.project, app.clock.now, app.actor);
    const slots = line.tiers.filter((one) => at.tier === null || one.station.id === at.tier.id).flatMap((one) => one.slots);
    const run =
      slots.find((slot) => slot.train !== null)?.signal.run_id ??
      (at.tier === null ? line.push.run_id : slots.findLast((slot) => slot.signal.run_id !== null)?.signal.run_id);
    if (run != null) app.route.go(runPath(run));
  }

  return {
    ArrowDown: go(1, 0),
    j: go(1, 0),
    ArrowUp: go(-1, 0),
    k: go(-1, 0),
    ArrowRight: go(0, 1),
    ArrowLeft: go(0, -1),
    o: openLog,
    c: lever('confirm'),
    p: lever('promote'),
    b: lever('rollback'),
    x: lever('cancel_run'),
    a: onactivity,
  };
}
