/**
 * Keys of the page, matched by what they type (`event.key`) and not by where they sit, so that `?` and `/` work on every layout. A press
 * never reaches a binding while the reader types or a dialog is open, and a held key does nothing unless its binding asks for that.
 */

export type KeyAction = ((event: KeyboardEvent) => void) | { run: (event: KeyboardEvent) => void; repeat: true };

/** The parts of a key press that matter here; what a test has to make. */
export type Press = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'repeat' | 'defaultPrevented' | 'isComposing'>;

/** A second key of a sequence (`g p`) counts within this time. */
export const SEQUENCE_MS = 1_000;

/** What can be switched off: people who speak to their computer type such by mistake (WCAG 2.1.4). */
const CHARACTER = /^[\p{L}\p{N}\p{P}\p{S}]$/u;

/** Finds the binding of a press; remembers the first key of a sequence. */
export class KeySequence {
  #first: { key: string; at: number } | null = null;

  /** @param now ms. @param characters whether keys of one character are switched on. @returns the binding's name, or null. */
  match(press: Press, names: readonly string[], now: number, characters: boolean): string | null {
    if (press.defaultPrevented || press.isComposing || press.ctrlKey || press.metaKey || press.altKey) return null;
    if (CHARACTER.test(press.key) && !characters) return null;
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

/**
 * All keys of the page. What is on it has a table each; a press is matched with all of them at once, so that the second key of one table's sequence is no
 * key of another's (`g p` on the panel is not `p`).
 */
export class PageKeys {
  readonly #document: Document;
  readonly #characters: () => boolean;
  readonly #tables = new Set<Readonly<Record<string, KeyAction>>>();
  readonly #sequence = new KeySequence();

  /** @param characters whether keys of one character are switched on. */
  constructor(document: Document, characters: () => boolean) {
    this.#document = document;
    this.#characters = characters;
  }

  /** Of two tables that have the same key the one that was added first is asked. @returns its undo. */
  add(table: Readonly<Record<string, KeyAction>>): () => void {
    if (this.#tables.size === 0) this.#document.addEventListener('keydown', this.#onKeydown);
    this.#tables.add(table);
    return () => {
      this.#tables.delete(table);
      if (this.#tables.size === 0) this.#document.removeEventListener('keydown', this.#onKeydown);
    };
  }

  readonly #onKeydown = (event: KeyboardEvent): void => {
    // Escape closes what is on top, by itself.
    if (isTyping(event.target) || this.#document.querySelector('dialog[open], :popover-open') !== null) return;
    const tables = [...this.#tables];
    const name = this.#sequence.match(
      event,
      tables.flatMap((table) => Object.keys(table)),
      event.timeStamp,
      this.#characters(),
    );
    const action = name === null ? undefined : tables.find((table) => name in table)?.[name];
    if (action === undefined) return;
    const run = typeof action === 'function' ? action : action.run;
    if (event.repeat && typeof action === 'function') return;
    event.preventDefault();
    run(event);
  };
}
