/** What the example consists of, and where in its folder it lies. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_NAME } from '../config/find.ts';

export const DEMO_PROJECT = 'hello';
export const DEMO_BRANCH = 'main';

export const DEMO_NODES = [
  { id: 'staging-1', tier: 'staging' },
  { id: 'staging-2', tier: 'staging' },
  { id: 'prod-1', tier: 'production' },
  { id: 'prod-2', tier: 'production' },
] as const;
export type DemoNode = (typeof DEMO_NODES)[number];

/** Loopback port of each node's service, by node id. */
export type DemoPorts = Record<DemoNode['id'], number>;

export interface DemoPlaces {
  /** Bare; what the server watches. */
  repository: string;
  /** The clone pushes are made from. */
  work: string;
  config: string;
  ports: string;
  node(id: DemoNode['id']): string;
}

export function demoPlaces(folder: string): DemoPlaces {
  return {
    repository: join(folder, `${DEMO_PROJECT}.git`),
    work: join(folder, 'work'),
    config: join(folder, CONFIG_NAME),
    ports: join(folder, 'ports.json'),
    node: (id) => join(folder, 'nodes', id),
  };
}

/** The sources of the service: beside the server's sources in a clone, one folder further up when the server was compiled to `dist`. */
export function exampleSources(): string {
  const found = ['../..', '../../..'].map((up) => join(import.meta.dirname, up, 'examples', DEMO_PROJECT)).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`The package was installed without examples/${DEMO_PROJECT}.`);
  return found;
}
