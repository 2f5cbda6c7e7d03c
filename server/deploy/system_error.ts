/** `ENOENT`-like code of an error of the operating system, or null for any other value. */
export function errorCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

const SENTENCE: Readonly<Record<string, string>> = {
  ENOSPC: 'no space is left on the device',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'permission was denied',
  EPERM: 'permission was denied',
  EROFS: 'the file system is read-only',
  ENOENT: 'it does not exist',
  ENOTDIR: 'a part of its path is not a folder',
  EIO: 'the device reported an error',
};

/** Why it went wrong, as the end of a sentence, without the path and without a stop. */
export function because(error: unknown): string {
  const code = errorCode(error);
  if (code !== null && SENTENCE[code] !== undefined) return SENTENCE[code];
  return error instanceof Error ? error.message.replace(/[\s.]+$/, '') : String(error);
}
