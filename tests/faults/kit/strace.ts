/**
 * Faults at the n-th system call, by strace. It follows every thread of the server, counts for each thread the calls that touch the named files,
 * and from the n-th on kills the process on entering the call, or makes it fail. SQLite and the anchor are called from the main thread.
 */
export interface Injection {
  /** Names of system calls, as strace knows them. */
  calls: readonly string[];
  /** Files that are meant; all of them when empty. They need not be there yet. */
  paths: readonly string[];
  do: { type: 'kill' } | { type: 'fail'; errno: 'EIO' | 'ENOSPC' | 'EROFS' };
  /** From this call on, counted from 1. */
  from: number;
  /** The last call concerned; the one at `from` when absent, null for all that follow. */
  to?: number | null;
}

/** To be put before a command. The command stays the child of who started it; the tracer is a stranger to both. */
export function traced(injection: Injection): string[] {
  const { calls, paths, from, to } = injection;
  const what = injection.do.type === 'kill' ? 'signal=KILL' : `error=${injection.do.errno}`;
  const when = to === undefined ? `${from}` : to === null ? `${from}+` : `${from}..${to}`;
  return [
    'strace',
    '-D',
    '-f',
    '-qq',
    '-o',
    '/dev/null',
    ...paths.flatMap((path) => ['-P', path]),
    '-e',
    `trace=${calls.join(',')}`,
    '-e',
    `inject=${calls.join(',')}:${what}:when=${when}`,
  ];
}
