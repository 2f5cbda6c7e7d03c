/** Why a script never ran, as a sentence. */
import { stat } from 'node:fs/promises';

/** @returns null when a run can start there. */
export async function folderProblem(cwd: string): Promise<string | null> {
  try {
    return (await stat(cwd)).isDirectory() ? null : `${cwd} is not a folder.`;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return `The folder ${cwd} does not exist.`;
    if (codeOf(error) === 'EACCES') return `The server may not enter ${cwd}.`;
    return `${cwd} cannot be used: ${messageOf(error)}.`;
  }
}

/** @param error what `spawn` or the making of its pipe threw. */
export function spawnSentence(error: unknown, shell: string, cwd: string): string {
  switch (codeOf(error)) {
    case 'ENOENT':
      return `There is no shell at ${shell}.`;
    case 'EACCES':
      return `The server may not run ${shell} in ${cwd}.`;
    case 'E2BIG':
      return 'The script and its environment are too long for the system.';
    case 'EAGAIN':
      return 'The system has no process left for it (limit of processes reached).';
    case 'ENOMEM':
      return 'The system has no memory left to start it.';
    case 'EMFILE':
    case 'ENFILE':
      return 'The system has no file handle left to start it.';
    case 'ERR_INVALID_ARG_VALUE':
      return 'The script or its environment holds a NUL character.';
    default:
      return `It could not be started: ${messageOf(error)}.`;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
