/** Why a backup or a restore was not done: a sentence with the way out. Nothing that was there has been changed. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
}
