/** Listeners by kind: called together, awaited, and kept from harming each other. */

/** How long an emit waits for one listener. */
export const LISTENER_DEADLINE_MS = 5_000;

export type Listener<E> = (event: E) => unknown;

export interface ListenerOptions {
  /** Told of a listener that threw, rejected or missed its deadline. Must not throw. */
  report: (what: string, error: unknown) => void;
  deadline_ms?: number;
  /** Calls `then` after `ms`. @returns its undo. The system's timers by default. */
  after?: (ms: number, then: () => void) => () => void;
}

function systemAfter(ms: number, then: () => void): () => void {
  const timer = setTimeout(then, ms);
  return () => clearTimeout(timer);
}

export class Listeners<E> {
  // One object per registration, so that a function registered twice is called twice and each undo undoes one.
  readonly #byKind = new Map<string, Set<{ listener: Listener<E> }>>();
  readonly #report: ListenerOptions['report'];
  readonly #deadline_ms: number;
  readonly #after: NonNullable<ListenerOptions['after']>;

  constructor(options: ListenerOptions) {
    this.#report = options.report;
    this.#deadline_ms = options.deadline_ms ?? LISTENER_DEADLINE_MS;
    this.#after = options.after ?? systemAfter;
  }

  on(kind: string, listener: Listener<E>): () => void {
    const registration = { listener };
    const registered = this.#byKind.get(kind) ?? new Set();
    registered.add(registration);
    this.#byKind.set(kind, registered);
    return () => {
      registered.delete(registration);
      if (registered.size === 0 && this.#byKind.get(kind) === registered) this.#byKind.delete(kind);
    };
  }

  async emit(kind: string, event: E): Promise<void> {
    // A copy: who comes during this emit hears the next, who leaves during it hears this one still.
    const snapshot = [...(this.#byKind.get(kind) ?? [])];
    await Promise.all(snapshot.map(({ listener }) => this.#call(kind, listener, event)));
  }

  /** Resolves when the listener is done, has failed, or has used up its time. */
  #call(kind: string, listener: Listener<E>, event: E): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#after(this.#deadline_ms, () => {
        this.#report(`a listener of ${kind} is still busy after ${this.#deadline_ms} ms`, new Error('deadline missed'));
        resolve();
      });
      const run = async (): Promise<void> => {
        try {
          await listener(event);
        } catch (error) {
          this.#report(`a listener of ${kind} failed`, error);
        } finally {
          cancel();
          resolve();
        }
      };
      void run();
    });
  }
}
