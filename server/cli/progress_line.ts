/** Progress for a person who waits: a line now and then, none for what is done at once. */
import type { Shell } from './port.ts';

const EVERY_MS = 1_000;

/** @returns makes the callback for one kind of work. */
export function progressLine(shell: Pick<Shell, 'out'>, now: () => number = () => performance.now()) {
  return (what: string) => {
    let told_ms = now();
    return (done: number, total: number): void => {
      if (now() - told_ms < EVERY_MS) return;
      told_ms = now();
      shell.out(`${what}: ${done.toLocaleString('en')} of ${total.toLocaleString('en')}`);
    };
  };
}
