/**
 * Secrets by name: from the server's environment, or from the file that `<NAME>_FILE` names. Their values are never in the config, the
 * event log or an error message.
 */
import { readFileSync } from 'node:fs';
import { ConfigError } from './config.ts';

/**
 * @param names as in `secrets:`.
 * @param env the server's environment.
 * @returns name -> value.
 * @throws ConfigError that names the first one that is missing, empty, given twice or unreadable.
 */
export function resolveSecrets(names: readonly string[], env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => {
      const problem = secretProblem(name, env);
      if (problem !== null) throw new ConfigError(problem);
      return [name, secretValue(name, env)];
    }),
  );
}

/** @returns why the secret cannot be used, or null. */
export function secretProblem(name: string, env: NodeJS.ProcessEnv): string | null {
  const direct = env[name];
  const file = env[`${name}_FILE`];
  if (direct !== undefined && file !== undefined)
    return `the secret \`${name}\` is given twice: ${name} and ${name}_FILE are both set; unset one`;
  if (direct === undefined && file === undefined)
    return `the secret \`${name}\` is not set; set ${name}, or ${name}_FILE to a file that holds it`;
  try {
    // Masking an empty value would mask nothing, and scripts would fail later with less of a reason.
    return secretValue(name, env) === '' ? `the secret \`${name}\` is empty` : null;
  } catch (error) {
    return `the secret \`${name}\` cannot be read from ${file ?? ''}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** The newline an editor leaves at the end of a file does not belong to the secret. */
function secretValue(name: string, env: NodeJS.ProcessEnv): string {
  return env[name] ?? readFileSync(env[`${name}_FILE`] ?? '', 'utf8').replace(/\r?\n$/, '');
}
