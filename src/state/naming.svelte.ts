/** Asks for the operator's name before the first command, once however many ask, and on request. The dialog belongs to `App.svelte`. */
import type { Prefs } from './prefs.svelte.ts';

export class Naming {
  /** Why the dialog is open; null while it is closed. */
  why = $state.raw<'command' | 'change' | null>(null);
  readonly #prefs: Pick<Prefs, 'name'>;
  #waiting: ((named: boolean) => void)[] = [];

  constructor(prefs: Pick<Prefs, 'name'>) {
    this.#prefs = prefs;
  }

  /** @returns true once a name is known, false when none was given. */
  ask(): Promise<boolean> {
    if (this.#prefs.name !== '') return Promise.resolve(true);
    this.why ??= 'command';
    return new Promise((done) => this.#waiting.push(done));
  }

  change(): void {
    this.why ??= 'change';
  }

  /** @param name tidy; null when none was given. */
  answer(name: string | null): void {
    if (name !== null) this.#prefs.name = name;
    this.why = null;
    for (const done of this.#waiting.splice(0)) done(name !== null);
  }
}
