/** The frames unpacked last, so that a reader who goes through a log line by line does not unpack each of them many times. */
export const FRAMES_CACHED = 16;

const cached = new Map<string, Promise<Buffer>>();

/** @param key of the frame, which never changes. One that fails is not kept. */
export function cachedFrame(key: string, unpack: () => Promise<Buffer>): Promise<Buffer> {
  const known = cached.get(key);
  const frame = known ?? unpack();
  cached.delete(key);
  cached.set(key, frame);
  if (known === undefined) frame.catch(() => cached.delete(key));
  for (const oldest of cached.keys()) {
    if (cached.size <= FRAMES_CACHED) break;
    cached.delete(oldest);
  }
  return frame;
}
