/** Whether the end of the data may be the beginning of one of many byte strings. What lies further from the end than the longest is decided. */
import { BLOCK_BYTES, hashOf } from './form_kernel.ts';

const TABLE_BITS = 14;

/** @param forms each of at least `BLOCK_BYTES`. @returns of data, the first place from which the rest may be a beginning; the length when there is none. */
export function beginnings(forms: readonly Buffer[]): (data: Buffer) => number {
  const longest = Math.max(0, ...forms.map(({ length }) => length));
  const begins = new Uint8Array(1 << TABLE_BITS);
  const by_hash = new Map<number, Buffer[]>();
  for (const form of forms) {
    const hash = hashOf(form.readUIntLE(0, BLOCK_BYTES), TABLE_BITS);
    begins[hash] = 1;
    by_hash.set(hash, [...(by_hash.get(hash) ?? []), form]);
  }
  return (data) => {
    const { length } = data;
    let at = Math.max(0, length - longest + 1);
    for (; at < length - 2; at++) {
      const hash = hashOf((data[at] ?? 0) | ((data[at + 1] ?? 0) << 8) | ((data[at + 2] ?? 0) << 16), TABLE_BITS);
      if (begins[hash] === 1 && mayBegin(data, at, by_hash.get(hash) ?? [])) return at;
    }
    for (; at < length; at++) if (mayBegin(data, at, forms)) return at;
    return length;
  };
}

function mayBegin(data: Buffer, at: number, forms: readonly Buffer[]): boolean {
  const rest = data.length - at;
  return forms.some((form) => form.length > rest && sameBytes(data, at, form) === rest);
}

/** How many bytes from `at` on are those of the form. */
export function sameBytes(data: Buffer, at: number, form: Buffer): number {
  let same = 0;
  while (same < form.length && data[at + same] === form[same]) same++;
  return same;
}
