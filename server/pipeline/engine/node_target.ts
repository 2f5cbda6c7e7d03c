/** A node of the config, with the values of one release put in. */
import type { NodeConfig, ProjectConfig } from '../../config/config.ts';
import type { NodeTarget } from '../../deploy/port.ts';
import { interpolate, scriptEnv } from './script_env.ts';

export function nodeTarget(
  project: ProjectConfig,
  secrets: Readonly<Record<string, string>>,
  tier: string,
  node: NodeConfig,
  release: { version: string; sha: string },
  masked: (text: string) => string,
): NodeTarget {
  const about = { version: release.version, sha: release.sha, tier, node: node.id };
  const values = scriptEnv(project, {}, about);
  const { health } = node;
  return {
    id: node.id,
    root: node.root,
    env: scriptEnv(project, secrets, about),
    timeout_ms: node.timeout_ms,
    ...(node.restart === null ? {} : { restart: node.restart }),
    ...(health === null
      ? {}
      : {
          health: {
            http: interpolate(health.http, values),
            timeout_ms: health.within_ms,
            masked,
            ...(health.expect === null ? {} : { expect: interpolate(health.expect, values) }),
          },
        }),
  };
}
