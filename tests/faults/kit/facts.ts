/** Waiting for a fact that somebody's frames bring about: looked at whenever one came, so that nothing is polled and nobody sleeps. */

const DEADLINE_MS = 30_000;

export class Facts {
  readonly #waiting = new Set<() => void>();

  /** Something has changed. */
  changed(): void {
    for (const look of this.#waiting) look();
  }

  /** Resolves once `isSo`. @param what for the error. @throws Error after `deadline_ms`. */
  until(what: string, isSo: () => boolean, deadline_ms = DEADLINE_MS): Promise<void> {
    if (isSo()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (!isSo()) return;
        clearTimeout(late);
        this.#waiting.delete(look);
        resolve();
      };
      const late = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`waited ${deadline_ms} ms in vain: ${what}`));
      }, deadline_ms);
      this.#waiting.add(look);
    });
  }
}
