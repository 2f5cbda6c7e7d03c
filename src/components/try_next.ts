/**
 * The card "Try next" of the bundled demo: three commands to type, each ticked by the events it causes and by nothing else. It must never
 * appear in somebody's real control room, so it is shown only for exactly the demo's line: one project called `hello` with the tiers host,
 * staging and production and the demo's four nodes, and only once a first release has gone all the way.
 */
import type { ProjectState, State } from '../shared/fold/state.ts';

const DEMO_LINE: Readonly<Record<string, readonly string[]>> = {
  host: [],
  staging: ['staging-1', 'staging-2'],
  production: ['prod-1', 'prod-2'],
};

export interface TryStep {
  command: string;
  what: string;
  done: boolean;
}
export interface TryNext {
  /** `1.0.0 runs on every tier` */
  version: string;
  steps: readonly TryStep[];
}

function isDemoLine(project: ProjectState): boolean {
  const line = Object.entries(DEMO_LINE);
  return (
    project.id === 'hello' &&
    project.tiers.length === line.length &&
    project.tiers.every((tier, at) => tier.id === line[at]?.[0] && tier.nodes.map((node) => node.id).join() === line[at][1].join())
  );
}

/** Null when it has no place here. */
export function tryNext(state: State): TryNext | null {
  const project = state.projects[0];
  if (project === undefined || state.projects.length !== 1 || !isDemoLine(project)) return null;
  const first = project.tiers.at(-1)?.completed.at(-1);
  if (first === undefined) return null;
  const { runs } = project;
  return {
    version: first,
    steps: [
      { command: 'npm run demo:push', what: 'Push another commit and watch it travel.', done: project.releases.length > 1 },
      {
        command: 'npm run demo:push -- --break tests',
        what: 'Push one whose tests fail: the line stops, the reason is here.',
        done: runs.some((run) => run.type === 'gate' && run.why?.type === 'tests_failed'),
      },
      {
        command: 'npm run demo:push -- --break health',
        what: 'Push one that does not come up: then roll back.',
        done: runs.some((run) => run.type === 'deploy' && run.why?.type === 'health_check'),
      },
    ],
  };
}
