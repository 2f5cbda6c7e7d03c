/** What a child sees of the world: an allow-listed part of the server's environment, so that no secret of the server leaks by default. */
import { delimiter, dirname } from 'node:path';

export const NONCE_VARIABLE = 'SIGNALBOX_RUN_NONCE';

const ALLOWED = new Set(['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR', 'USER', 'SHELL']);
const FALLBACK_PATH = '/usr/local/bin:/usr/bin:/bin';

/** For logs with colour, programs that know nobody answers, and a git that fails rather than asks. */
const FIXED = { FORCE_COLOR: '1', CI: '1', TERM: 'xterm-256color', GIT_TERMINAL_PROMPT: '0' };

/** @param nonce null for a run that leaves a service behind: then nothing marks its children. */
export function childEnvironment(
  server: NodeJS.ProcessEnv,
  added: Readonly<Record<string, string>>,
  nonce: string | null,
): Record<string, string> {
  const allowed = Object.entries(server).filter(([name]) => ALLOWED.has(name) || name.startsWith('LC_'));
  // The Node that runs the server goes first: scripts get the version the project was pinned to, not an older one of the host.
  const PATH = [dirname(process.execPath), server.PATH ?? FALLBACK_PATH].join(delimiter);
  const all = [...allowed, ...Object.entries({ PATH, ...FIXED, ...added })];
  const env: Record<string, string> = {};
  for (const [name, value] of all) if (value !== undefined && name !== NONCE_VARIABLE) env[name] = value;
  if (nonce !== null) env[NONCE_VARIABLE] = nonce;
  return env;
}
