/** UUIDv7 (RFC 9562) from a given time and given randomness, so that the identity of an event is reproducible in a test. */
import { randomBytes } from 'node:crypto';

/** Randomness as a port. @returns exactly `count` bytes. */
export type RandomBytes = (count: number) => Uint8Array;

/** One call into the kernel for many small requests: asked one by one it was a fifth of the recorder's time. */
const POOL_BYTES = 4096;
let pool = new Uint8Array(0);

/** Cryptographic. No byte is given out twice. */
export const systemRandom: RandomBytes = (count) => {
  if (count > POOL_BYTES) return randomBytes(count);
  if (pool.length < count) pool = randomBytes(POOL_BYTES);
  const bytes = pool.subarray(0, count);
  pool = pool.subarray(count);
  return bytes;
};

const UUID_BYTES = 16;
const TIME_BYTES = 6;

/** @param ms milliseconds since the Unix epoch, below 2^48. Ids of one millisecond are in no order. */
export function uuidv7(ms: number, random: RandomBytes): string {
  const bytes = Buffer.alloc(UUID_BYTES);
  bytes.writeUIntBE(ms, 0, TIME_BYTES);
  bytes.set(random(UUID_BYTES - TIME_BYTES), TIME_BYTES);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
