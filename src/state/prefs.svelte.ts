/** What this browser remembers of its reader. Storage may be forbidden or full: then it is remembered until the page closes. */
import { TIMES, type Times } from '../shared/words/line_time.ts';
import { tidyName } from '../shared/words/name.ts';
import type { PrefsView } from './context.ts';

/** Each under a key of its own, so that two tabs do not undo each other's changes. */
const keyOf = (pref: keyof Stored): string => `signalbox.${pref}`;
const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

interface Stored {
  name: string;
  theme: Theme;
  letters: boolean;
  wrap: boolean;
  controls: boolean;
  times: Times;
}

const DEFAULTS: Stored = { name: '', theme: 'system', letters: true, wrap: false, controls: false, times: 'off' };

export class Prefs implements PrefsView {
  #stored: Stored = $state.raw(DEFAULTS);
  readonly #storage: Pick<Storage, 'getItem' | 'setItem'> | null;

  /** @param storage null when there is none. */
  constructor(storage: Pick<Storage, 'getItem' | 'setItem'> | null) {
    this.#storage = storage;
    this.#stored = read(storage);
  }

  get name(): string {
    return this.#stored.name;
  }
  set name(name: string) {
    this.#save({ name: tidyName(name) });
  }
  get theme(): Theme {
    return this.#stored.theme;
  }
  set theme(theme: Theme) {
    this.#save({ theme });
  }
  get letters(): boolean {
    return this.#stored.letters;
  }
  set letters(letters: boolean) {
    this.#save({ letters });
  }
  get wrap(): boolean {
    return this.#stored.wrap;
  }
  set wrap(wrap: boolean) {
    this.#save({ wrap });
  }
  get controls(): boolean {
    return this.#stored.controls;
  }
  set controls(controls: boolean) {
    this.#save({ controls });
  }
  get times(): Times {
    return this.#stored.times;
  }
  set times(times: Times) {
    this.#save({ times });
  }

  #save(change: Partial<Stored>): void {
    this.#stored = { ...this.#stored, ...change };
    try {
      for (const pref of Object.keys(change) as (keyof Stored)[]) this.#storage?.setItem(keyOf(pref), JSON.stringify(this.#stored[pref]));
    } catch {
      // Full or forbidden: it holds until the page closes, which is what the reader sees anyway.
    }
  }
}

/** Access itself throws where storage is forbidden. */
export function browserStorage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

function read(storage: Pick<Storage, 'getItem'> | null): Stored {
  const [name, theme, letters, wrap, controls, times] = (['name', 'theme', 'letters', 'wrap', 'controls', 'times'] as const).map((pref) =>
    readOne(storage, pref),
  );
  return {
    name: typeof name === 'string' ? tidyName(name) : DEFAULTS.name,
    theme: THEMES.find((known) => known === theme) ?? DEFAULTS.theme,
    letters: typeof letters === 'boolean' ? letters : DEFAULTS.letters,
    wrap: typeof wrap === 'boolean' ? wrap : DEFAULTS.wrap,
    controls: typeof controls === 'boolean' ? controls : DEFAULTS.controls,
    times: TIMES.find((known) => known === times) ?? DEFAULTS.times,
  };
}

function readOne(storage: Pick<Storage, 'getItem'> | null, pref: keyof Stored): unknown {
  try {
    return JSON.parse(storage?.getItem(keyOf(pref)) ?? 'null');
  } catch {
    // Forbidden, or something else's value: the default stands.
    return null;
  }
}
