/** The views that are loaded when they are first wanted, or before. */
import type { Component } from 'svelte';

export const loadRun = (): Promise<{ default: Component<{ run_id: number }> }> => import('./views/Run.svelte');
export const loadPanes = (): Promise<{ default: Component }> => import('./views/Panes.svelte');
export const loadProject = (): Promise<{ default: Component<{ project: string; version: string | null }> }> =>
  import('./views/Project.svelte');
