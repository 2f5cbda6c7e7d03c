/** A push or a rebuild: the newest commit wins over the build in flight and over the first tier's process gates; never over a deploy. */
import type { ProjectState } from '../../src/shared/fold/state.ts';
import { PROCESS_GATES } from '../../src/shared/fold/topology.ts';
import type { Event } from '../../src/shared/protocol/events/event.ts';
import { Sha, type Actor } from '../../src/shared/protocol/ids.ts';
import type { RunIds } from './decide.ts';
import { because, events } from './draft.ts';
import type { Decision, ResolvedCommit } from './intent.ts';
import { cancelGates } from './stops.ts';
import { versionFor } from './version.ts';

export function rebuild(
  project: ProjectState,
  resolved: ResolvedCommit | undefined,
  actor: Actor,
  runIds: RunIds,
  reason?: string,
): Decision {
  const sha = Sha.safeParse(resolved?.sha);
  if (resolved === undefined || !sha.success) {
    return {
      type: 'refused',
      project: project.id,
      refusal: { code: 'unresolvable', message: `The commit was not found in the repository of ${project.id}.` },
    };
  }
  if (isOvertaken(project, resolved)) {
    const { pushed } = project;
    return {
      type: 'refused',
      project: project.id,
      refusal: {
        code: 'replaced',
        message: `${pushed?.sha.slice(0, 7) ?? 'A newer commit'} was pushed to ${project.branch} while ${sha.data.slice(0, 7)} was looked up.`,
        ...(pushed === null ? {} : { by: pushed.by, at: pushed.at }),
      },
    };
  }
  const requested = requestOf(resolved, sha.data, reason);
  // The hook and the minute check can both report one push: recorded, built once.
  const known = project.pushed?.sha === sha.data && project.build?.sha === sha.data && project.build.status !== 'aborted';
  if (known && actor.startsWith('hook:')) return events(project.id, [requested]);
  const run_id = runIds.next();
  const list: Event[] = [
    requested,
    ...supersede(project),
    { kind: 'build_start', sha: sha.data, version: versionFor(project, sha.data, resolved.declared), run_id },
  ];
  return events(project.id, list, run_id);
}

/** @param sha of the commit, as the id it turned out to be. */
export function requestOf({ declared, subject, author }: ResolvedCommit, sha: Sha, reason?: string): Event {
  return {
    kind: 'rebuild_requested',
    sha,
    ...(declared === null ? {} : { declared }),
    ...(subject === null ? {} : { subject }),
    ...(author === null ? {} : { author }),
    ...because(reason),
  };
}

/** Git was asked for the head of the branch, and a push that it did not know yet has been recorded since: building the older commit would put the newer one off. */
export function isOvertaken(project: ProjectState, { sha, head_seen }: ResolvedCommit): boolean {
  return head_seen !== undefined && head_seen !== project.head && project.head !== sha;
}

function supersede(project: ProjectState): Event[] {
  const list: Event[] = [];
  const build = project.build;
  if (build?.status === 'running')
    list.push({ kind: 'build_aborted', sha_aborted: build.sha, version: build.version, run_id: build.run_id, reason: 'superseded' });
  const first = project.tiers[0];
  if (first !== undefined) list.push(...cancelGates(first, 'superseded', (kind) => PROCESS_GATES.has(kind)));
  return list;
}
