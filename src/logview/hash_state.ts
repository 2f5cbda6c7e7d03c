/** What became of hashing a finished log in this browser. */
export type HashState =
  | { type: 'unchecked' }
  /** `done` bytes read. */
  | { type: 'checking'; done: number }
  | { type: 'verified'; sha256: string }
  /** `sha256` is '' when not even the number of bytes was right. */
  | { type: 'differs'; bytes: number; sha256: string }
  | { type: 'failed'; reason: string };
