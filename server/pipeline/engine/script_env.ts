/**
 * Values reach scripts only as environment variables; nothing is pasted into a command line. Addresses get the same values without the secrets: what was asked
 * is told in the event log.
 */
import type { ProjectConfig } from '../../config/config.ts';
import { PLACEHOLDER } from '../../config/placeholder.ts';

export interface About {
  version: string;
  sha: string;
  tier?: string;
  gate?: string;
  node?: string;
  port?: number;
  release?: string;
}

/** @param secrets none for what goes into an address. */
export function scriptEnv(project: ProjectConfig, secrets: Readonly<Record<string, string>>, about: About): Record<string, string> {
  return {
    ...project.env,
    ...secrets,
    PROJECT: project.id,
    VERSION: about.version,
    SHA: about.sha,
    ...(about.tier === undefined ? {} : { TIER: about.tier }),
    ...(about.gate === undefined ? {} : { GATE: about.gate }),
    ...(about.node === undefined ? {} : { NODE: about.node }),
    ...(about.port === undefined ? {} : { PORT: String(about.port) }),
    ...(about.release === undefined ? {} : { RELEASE: about.release }),
  };
}

/** Replaces `$NAME` and `${NAME}` by the values that are known; unknown names stay as they are, so that the error shows them. */
export function interpolate(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(PLACEHOLDER, (whole, braced?: string, bare?: string) => values[braced ?? bare ?? ''] ?? whole);
}
