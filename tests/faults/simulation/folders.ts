/**
 * Stands in for what the engine asks of the platform by name and not through a port: folders for workspaces, and a signal that aborts by itself.
 * Real folders would answer when they like, and a real timer would fire when it likes; either would make a seed give two histories.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import type { Owner, Schedule } from './schedule.ts';

/** Workspaces of all worlds are below it; nothing is ever written there. */
export const WORKSPACES = '/simulated/workspaces';

export interface Platform {
  schedule: Schedule;
  owner: Owner;
  folders: Set<string>;
}

let platform: Platform | null = null;

/** The world whose things the engine's calls concern from now on; null gives the platform back. */
export function standIn(world: Platform | null): void {
  platform = world;
}

function missing(path: string): Error {
  return Object.assign(new Error(`there is no ${path}`), { code: 'ENOENT' });
}

function here(path: unknown): Platform | null {
  return platform !== null && typeof path === 'string' && path.startsWith(WORKSPACES) ? platform : null;
}

/** Puts the stand-ins in place, once a process. Paths outside `WORKSPACES` go where they always went. */
export function install(): void {
  const { mkdir, rm, readdir, access } = fs.promises;
  const timeout = AbortSignal.timeout.bind(AbortSignal);
  Object.assign(fs.promises, {
    mkdir: async (path: string, ...rest: never[]) => {
      const world = here(path);
      if (world === null) return mkdir(path, ...rest);
      world.folders.add(path);
      return undefined;
    },
    rm: async (path: string, ...rest: never[]) => {
      const world = here(path);
      if (world === null) return rm(path, ...rest);
      for (const each of world.folders) if (each === path || each.startsWith(`${path}/`)) world.folders.delete(each);
    },
    readdir: async (path: string, ...rest: never[]) => {
      const world = here(path);
      if (world === null) return readdir(path, ...rest);
      if (!world.folders.has(path)) throw missing(path);
      const inside = [...world.folders].filter((each) => each.startsWith(`${path}/`)).map((each) => each.slice(path.length + 1));
      return inside.filter((name) => !name.includes('/'));
    },
    access: async (path: string, ...rest: never[]) => {
      const world = here(path);
      if (world === null) return access(path, ...rest);
      if (!world.folders.has(path)) throw missing(path);
    },
  });
  syncBuiltinESMExports();
  AbortSignal.timeout = (ms) => {
    if (platform === null) return timeout(ms);
    const abort = new AbortController();
    const { schedule, owner } = platform;
    schedule.after(owner, ms, () => abort.abort(new Error('too late')), true);
    return abort.signal;
  };
}
