/** One byte range of a `Range` header (RFC 9110). Several ranges, other units and what cannot be read are ignored: the whole is sent. */

export interface ByteRange {
  from: number;
  /** Exclusive. */
  to: number;
}

/** @returns null for the whole, `unsatisfiable` when the range begins beyond the end. */
export function parseRange(header: string | undefined, size: number): ByteRange | null | 'unsatisfiable' {
  const parts = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '');
  if (parts === null) return null;
  const [, first = '', last = ''] = parts;
  if (first === '') return last === '' ? null : suffix(Number(last), size);
  const from = Number(first);
  if (last !== '' && Number(last) < from) return null;
  return from >= size ? 'unsatisfiable' : { from, to: last === '' ? size : Math.min(Number(last) + 1, size) };
}

function suffix(length: number, size: number): ByteRange | 'unsatisfiable' {
  return length === 0 || size === 0 ? 'unsatisfiable' : { from: Math.max(0, size - length), to: size };
}
