/** A fresh idempotency key. `crypto.randomUUID` exists only in secure contexts; a page on a plain-http LAN has `getRandomValues` alone. */
import type { IdempotencyKey } from '../shared/protocol/ids.ts';

export function idempotencyKey(
  source: { randomUUID?: () => string; getRandomValues(bytes: Uint8Array<ArrayBuffer>): Uint8Array } = crypto,
): IdempotencyKey {
  if (source.randomUUID !== undefined) return source.randomUUID();
  const bytes = source.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
