/** The version of a new release: what the commit declares, with its sha; a second build of the same sha gets `.2`. */
import semver from 'semver';
import type { ProjectState } from '../../src/shared/fold/state.ts';
import { Version, type Sha } from '../../src/shared/protocol/ids.ts';

/** A longer one would make a release name that no file system and no `Version` takes. */
const DECLARED_MAX_CHARS = 96;
/** Characters of the sha in a version, as git abbreviates. */
const SHA_SHOWN = 7;
const UNDECLARED = '0.0.0';

/** @param declared anything the repository says; what is not semver, or too long, counts as undeclared. */
export function versionFor(project: ProjectState, sha: Sha, declared: string | null): Version {
  const parsed = declared === null || declared.length > DECLARED_MAX_CHARS ? null : semver.parse(declared);
  const base = parsed === null ? UNDECLARED : parsed.version;
  const metadata = parsed === null || parsed.build.length === 0 ? '' : `${parsed.build.join('.')}.`;
  const version = `${base}+${metadata}g${sha.slice(0, SHA_SHOWN)}`;
  return freeOf(version, known(project));
}

/** The one after a version that turned out to be taken. */
export function nextVersion(project: ProjectState, version: Version, taken: readonly string[]): Version {
  return freeOf(baseOf(version), new Set([...known(project), ...taken, version]));
}

function known(project: ProjectState): Set<string> {
  const versions = [...project.releases, ...project.runs].map((each) => each.version);
  return new Set(project.build === null ? versions : [...versions, project.build.version]);
}

/** Without the number that tells a second build of the commit from the first. */
export function baseOf(version: string): string {
  return version.replace(/(?<=[+.]g[0-9a-f]{7})\.\d+$/, '');
}

function freeOf(version: string, taken: ReadonlySet<string>): Version {
  if (!taken.has(version)) return Version.parse(version);
  for (let n = 2; ; n++) if (!taken.has(`${version}.${n}`)) return Version.parse(`${version}.${n}`);
}
