/** What happened in a world, in order: all of it as one hash, the end of it in words. */
import { createHash } from 'node:crypto';

const LAST_LINES = 40;
const LONGEST_LINE = 160;

export class Trace {
  readonly #hash = createHash('sha256');
  readonly #last: string[] = [];
  #steps = 0;

  get steps(): number {
    return this.#steps;
  }

  get last(): readonly string[] {
    return this.#last;
  }

  /** A new step begins with it. */
  step(what: string): void {
    this.#steps++;
    this.line(`${this.#steps} ${what}`);
  }

  line(text: string): void {
    this.#hash.update(text);
    this.#hash.update('\n');
    this.#last.push(text.slice(0, LONGEST_LINE));
    if (this.#last.length > LAST_LINES) this.#last.shift();
  }

  /** Of all lines so far. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }
}
