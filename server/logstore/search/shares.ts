/**
 * A search cut into shares of the log, which any thread takes: two at a time, so that one search has all the processors a log may have, and a long one
 * leaves its thread to others in between. What the shares tell is handed on in the order of the log, as if there were one.
 */

/** Bytes [from, to) of a log: the lines that begin there. */
export interface Share {
  from: number;
  to: number;
}

/** @returns at least one, though it were empty: even then there is something to say of the log. */
export function sharesOf(from: number, to: number, share_bytes: number): Share[] {
  const shares: Share[] = [];
  for (let at = from; at < to || shares.length === 0; at += share_bytes) shares.push({ from: at, to: Math.min(to, at + share_bytes) });
  return shares;
}

/** Shares that may be ahead of the one whose turn it is: what they tell waits in memory. */
const AHEAD_MOST = 4;

/**
 * Runs `run` for all of them, at most `at_once` at a time, and hands on what they tell in their order. @returns their answers.
 * @param run must reject soon once its signal is aborted. @throws the first error there is, or the signal's reason; nothing is handed on after it.
 */
export async function inOrder<S, T, A>(
  shares: readonly S[],
  { at_once, signal }: { at_once: number; signal: AbortSignal },
  run: (share: S, told: (told: T) => void, signal: AbortSignal) => Promise<A>,
  take: (told: T) => void,
): Promise<A[]> {
  const over = new AbortController();
  const end = (): void => over.abort(signal.reason);
  const isOver = (): boolean => over.signal.aborted;
  signal.addEventListener('abort', end, { once: true });
  const held = new Map<number, T[]>();
  const answers: A[] = [];
  let [next, head] = [0, 0];
  let moved = Promise.withResolvers<void>();

  /** What was told out of turn, as far as it is its turn now. */
  function handOn(): void {
    while (head in answers) {
      head++;
      for (const one of held.get(head) ?? []) if (!isOver()) take(one);
      held.delete(head);
    }
    moved.resolve();
    moved = Promise.withResolvers();
  }

  const lane = async (): Promise<void> => {
    for (let i = next++; i < shares.length && !isOver(); i = next++) {
      // Once it is over `moved` stays settled: whoever waited on would let nothing else run.
      while (i > head + AHEAD_MOST && !isOver()) await moved.promise;
      if (isOver()) return;
      const told = (one: T): void => {
        if (isOver()) return;
        if (i === head) take(one);
        else held.set(i, [...(held.get(i) ?? []), one]);
      };
      answers[i] = await run(shares[i] as S, told, over.signal);
      handOn();
    }
  };
  try {
    signal.throwIfAborted();
    await Promise.all(Array.from({ length: at_once }, lane));
    over.signal.throwIfAborted();
    return answers;
  } catch (error) {
    over.abort(error);
    moved.resolve();
    throw error;
  } finally {
    signal.removeEventListener('abort', end);
  }
}
