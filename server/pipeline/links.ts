/** What runs where, as links of release to node: made when a deploy succeeded, gone as soon as nobody knows what the node runs. */
import { findTier } from '../../src/shared/fold/select.ts';
import type { ProjectState } from '../../src/shared/fold/state.ts';
import type { Event } from '../../src/shared/protocol/events/event.ts';
import type { Run } from '../../src/shared/fold/state.ts';

/** Call with the state before the deploy's end. */
export function linksAfterDeploy(project: ProjectState, run: Run, succeeded: boolean): Event[] {
  if (run.tier === null || run.node === null) return [];
  const before = findTier(project, run.tier)?.nodes.find((node) => node.id === run.node)?.deployed?.version;
  const now = succeeded ? run.version : undefined;
  if (before === now) return [];
  const target_id = `${project.id}/${run.tier}/${run.node}`;
  const link = (action: 'created' | 'deleted', version: string): Event => ({
    kind: 'link',
    action,
    link_type: 'runs_on',
    link_id: `${version}@${target_id}`,
    source_id: version,
    target_id,
  });
  return [...(before === undefined ? [] : [link('deleted', before)]), ...(now === undefined ? [] : [link('created', now)])];
}
