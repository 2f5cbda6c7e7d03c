/**
 * What was lost of the history, or that it is another one than this page knew: said above every page until somebody has read it, and not again
 * in this browser. The losses are in the state, so a page that was opened later tells them too.
 */
import type { HistoryGap } from '../shared/fold/state.ts';
import { gapWords } from '../shared/words/history_gap.ts';

const READ_KEY = 'signalbox.history.read';
const REMAINS = 'The panel shows what remains.';

export class History {
  #another = $state.raw(false);
  /** `at` of the newest loss that was read. */
  #read = $state.raw('');
  readonly #storage: Pick<Storage, 'getItem' | 'setItem'> | null;
  readonly #gaps: () => readonly HistoryGap[];

  constructor(storage: Pick<Storage, 'getItem' | 'setItem'> | null, gaps: () => readonly HistoryGap[]) {
    this.#storage = storage;
    this.#gaps = gaps;
    try {
      this.#read = storage?.getItem(READ_KEY) ?? '';
    } catch {
      // Storage may be switched off; then it is said again after a reload, and that is all.
    }
  }

  /** One sentence each; none when there is nothing to say. */
  get notices(): readonly string[] {
    const lost = this.#gaps().filter((gap) => gap.at > this.#read);
    if (lost.length === 0 && this.#another)
      return [`The server has another event log than before: it was restored or begun anew. ${REMAINS}`];
    return lost.map((gap) => `${sentence(gapWords(gap))} ${REMAINS}`);
  }

  another(): void {
    this.#another = true;
  }

  read(): void {
    this.#another = false;
    this.#read = this.#gaps().at(-1)?.at ?? this.#read;
    try {
      this.#storage?.setItem(READ_KEY, this.#read);
    } catch {
      // As above.
    }
  }
}

function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}
