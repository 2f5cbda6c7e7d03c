/** Watches that what is given is taken: a reader that takes nothing for so long is gone, or may as well be, and holds a place another could have. */
import type { Clock } from '../clock.ts';

/** As for viewers of the WebSocket. */
export const STALLED_AFTER_MS = 30_000;

/** Gives out what `pieces` gives. @param stalled called when a piece was not taken in time; the reader is to be ended there. */
export async function* takenWithin<T>(pieces: AsyncIterable<T>, clock: Clock, stalled: () => void): AsyncGenerator<T> {
  for await (const piece of pieces) {
    const cancel = clock.after(STALLED_AFTER_MS, stalled);
    try {
      yield piece;
    } finally {
      cancel();
    }
  }
}
