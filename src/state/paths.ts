/** Addresses of the pages. A module of its own, so that views link to each other without importing the router. */

export const PANEL_PATH = '/';

export function projectPath(project: string): string {
  return `/projects/${encodeURIComponent(project)}`;
}

export function releasePath(project: string, version: string): string {
  return `${projectPath(project)}/releases/${encodeURIComponent(version)}`;
}

export function runPath(run_id: number): string {
  return `/runs/${run_id}`;
}

export const PANES_PATH = '/panes';

/** Runs side by side, in this order. */
export function panesPath(runs: readonly number[]): string {
  return `${PANES_PATH}?runs=${runs.join(',')}`;
}

/** What an address shows. */
export type Place =
  | { view: 'panel' }
  | { view: 'project'; project: string; version: string | null }
  | { view: 'run'; run_id: number }
  /** Which runs stands behind `?`: see pane_address.ts. */
  | { view: 'panes' }
  | { view: 'not_found' };

const RUN = /^\/runs\/([1-9]\d{0,14})$/;
const PROJECT = /^\/projects\/([^/]+)(?:\/releases(?:\/([^/]+))?)?$/;

/** Total: an address that fits nothing is `not_found`. A trailing slash is the same place. */
export function placeOf(path: string): Place {
  const clean = path.length > 1 ? path.replace(/\/+$/, '') : path;
  if (clean === '' || clean === PANEL_PATH) return { view: 'panel' };
  if (clean === PANES_PATH) return { view: 'panes' };
  const run = RUN.exec(clean);
  if (run) return { view: 'run', run_id: Number(run[1]) };
  const project = PROJECT.exec(clean);
  if (!project) return { view: 'not_found' };
  try {
    return {
      view: 'project',
      project: decodeURIComponent(project[1] ?? ''),
      version: project[2] === undefined ? null : decodeURIComponent(project[2]),
    };
  } catch {
    // `%zz` in an address: not a name of anything.
    return { view: 'not_found' };
  }
}
