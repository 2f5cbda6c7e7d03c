/** The commits between two releases, by the repository they were built from. */
import { findProject, findRelease } from '../src/shared/fold/select.ts';
import type { State } from '../src/shared/fold/state.ts';
import type { Repository } from './emitters/git_port.ts';
import { Failure } from './failure.ts';

/** Commits named; the count is exact beyond. */
const COMPARE_LIMIT = 50;

/** @throws Failure `not_found` when one of the releases is not known any more. */
export function compareReleases(
  state: State,
  repository: Repository,
  { project, from, to }: { project: string; from: string; to: string },
): ReturnType<Repository['compare']> {
  const shaOf = (version: string): string => {
    const known = findProject(state, project);
    const release = known === undefined ? undefined : findRelease(known, version);
    if (release === undefined) throw new Failure('not_found', `There is no release ${version} of ${project}.`);
    return release.sha;
  };
  return repository.compare(shaOf(from), shaOf(to), COMPARE_LIMIT);
}
