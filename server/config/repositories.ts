/** A repository that is not there is told before the server starts or takes a changed config, not at the first push that never comes. */
import { existsSync } from 'node:fs';
import { ConfigError } from './config.ts';
import type { Config } from './config.ts';

/** Addresses (`https://…`, `git@…`) are not asked: they may be back in a minute. @throws ConfigError that names the project and the way out. */
export function assertRepositories(config: Config): void {
  for (const { id, repo } of config.projects) {
    if (!repo.startsWith('/') || existsSync(repo)) continue;
    throw new ConfigError(
      `${config.file}: the repository of \`${id}\` is not at ${repo}. Correct \`repo\`, or make one there with: git init --bare ${repo}`,
    );
  }
}
