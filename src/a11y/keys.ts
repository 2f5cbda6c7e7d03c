/**
 * Keys of the page, matched by what they type (`event.key`) and not by where they sit, so that `?` and `/` work on every layout. A press
 * never reaches a binding while the reader types or a dialog is open, and a held key does nothing unless its binding asks for that.
 */

export type KeyAction = ((event: KeyboardEvent) => void) | { run: (event: KeyboardEvent) => void; repeat: true };

/** The parts of a key press that matter here; what a test has to make. */
export type Press = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'repeat' | 'defaultPrevented' | 'isComposing'>;

/** A second key of a sequence (`g p`) counts within this time. */
export const SEQUENCE_MS = 1_000;

const LETTER = /^\p{L}$/u;

/** Finds the binding of a press; remembers the first key of a sequence. */
export class KeySequence {
  #first: { key: string; at: number } | null = null;

  /** @param now ms. @param letters whether letter keys are switched on. @returns the binding's name, or null. */
  match(press: Press, names: readonly string[], now: number, letters: boolean): string | null {
    if (press.defaultPrevented || press.isComposing || press.ctrlKey || press.metaKey || press.altKey) return null;
    if (LETTER.test(press.key) && !letters) return null;
    const first = this.#first;
    this.#first = null;
    if (first !== null && now - first.at <= SEQUENCE_MS) {
      const sequence = `${first.key} ${press.key}`;
      if (names.includes(sequence)) return sequence;
    }
    if (names.some((name) => name.startsWith(`${press.key} `)) && !press.repeat) this.#first = { key: press.key, at: now };
    return names.includes(press.key) ? press.key : null;
  }
}

/** The press belongs to a field, not to the page. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.closest('input:not([type=checkbox], [type=radio]), textarea, select') !== null)
  );
}

/** @returns its undo. */
export function bindKeys(target: Document, bindings: Readonly<Record<string, KeyAction>>, letters: () => boolean): () => void {
  const names = Object.keys(bindings);
  const sequence = new KeySequence();
  const onKeydown = (event: KeyboardEvent): void => {
    // Escape closes what is on top, by itself.
    if (isTyping(event.target) || target.querySelector('dialog[open], :popover-open') !== null) return;
    const name = sequence.match(event, names, event.timeStamp, letters());
    const action = name === null ? undefined : bindings[name];
    if (action === undefined) return;
    const run = typeof action === 'function' ? action : action.run;
    if (event.repeat && typeof action === 'function') return;
    event.preventDefault();
    run(event);
  };
  target.addEventListener('keydown', onKeydown);
  return () => target.removeEventListener('keydown', onKeydown);
}
