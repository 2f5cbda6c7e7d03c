/** So many bytes of the memory that was offered; new ones when it is too small, or none was. */
export function roomFor(bytes: number, into: Buffer | undefined): Buffer {
  const length = Math.max(0, bytes);
  return into !== undefined && into.length >= length ? into.subarray(0, length) : Buffer.alloc(length);
}
