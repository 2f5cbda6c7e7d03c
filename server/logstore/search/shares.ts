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

/**
 * Runs `run` for all of them, at most `at_once` at a time, and hands on what they tell in their order. @returns what the last one answered.
 * @param run must reject soon once its signal is aborted. @throws the first error there is, after which nothing is handed on.
 */
export async function inOrder<S, T, A>(
  shares: readonly S[],
  at_once: number,
  run: (share: S, told: (told: T) => void, signal: AbortSignal) => Promise<A>,
  take: (told: T) => void,
): Promise<A> {
  const over = new AbortController();
  const held = shares.map((): T[] => []);
  const answers: A[] = [];
  let [next, head] = [0, 0];
  const lane = async (): Promise<void> => {
    for (let i = next++; i < shares.length; i = next++) {
      const share = shares[i] as S;
      const told = (one: T): void => {
        if (over.signal.aborted) return;
        if (i === head) take(one);
        else held[i]?.push(one);
      };
      answers[i] = await run(share, told, over.signal);
      if (over.signal.aborted) return;
      // Whoever was waited for lets those behind it speak, up to one that is not done.
      while (head < shares.length && head in answers) {
        head++;
        for (const one of held[head]?.splice(0) ?? []) take(one);
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: at_once }, lane));
  } catch (error) {
    over.abort(error);
    throw error;
  }
  return answers.at(-1) as A;
}
