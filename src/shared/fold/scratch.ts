/**
 * Folding many envelopes one after another, when only the state after the last of them will be kept. Every step of the fold copies what it
 * changes, and most steps change the list of runs and that of activities, two hundred long each: to copy them takes as long as a good part of
 * the rest. Inside a scratch what an earlier step has made is changed in place instead, since nobody else has it.
 *
 * The invariant: only an object that this very scratch has made is ever changed; the state it began with stays as it is. If that broke, what
 * viewers hold would change under their hands. So whoever looks at a state between two steps may read it, and must not keep it.
 */
export class Scratch {
  readonly #made = new Set<object>();

  /** Calls `step`; what it folds may change what earlier steps have made. Outside of it the fold copies, as always. */
  within<T>(step: () => T): T {
    const outer = made;
    made = this.#made;
    try {
      return step();
    } finally {
      made = outer;
    }
  }
}

/** Of the scratch that folds now; null outside. Not an argument of every slice: whether something is copied is nothing a slice decides by. */
let made: Set<object> | null = null;

/** Whether the scratch that folds now has made it: it may be changed. */
export function isOwn(object: object): boolean {
  return made !== null && made.has(object);
}

/** An object just made, and from now on the scratch's own, when there is one. */
export function own<T extends object>(object: T): T {
  made?.add(object);
  return object;
}
