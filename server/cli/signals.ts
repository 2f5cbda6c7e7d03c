/**
 * What the operating system asks of a serving process. Ctrl-C reaches it twice, from the terminal and from the npm that started it: a
 * repeat within `REPEAT_MS` is the same wish, a later one means "now". SIGHUP reloads, unless the terminal has gone: then it means stop.
 */
import { closeSync, openSync } from 'node:fs';

const REPEAT_MS = 1000;

export interface Wishes {
  stop(): void;
  /** Asked again while it is stopping. */
  stopNow(): void;
  reload(): void;
}

export interface SignalSource {
  on(name: NodeJS.Signals, listener: () => void): unknown;
  off(name: NodeJS.Signals, listener: () => void): unknown;
}

export interface SignalContext {
  /** Milliseconds that never go back. */
  now: () => number;
  /** Whether the terminal it was started from has been closed. */
  terminalGone: () => boolean;
}

/** @returns its undo. */
export function listenForSignals(source: SignalSource, wishes: Wishes, { now, terminalGone }: SignalContext): () => void {
  let asked: number | null = null;
  const stop = (): void => {
    if (asked === null) {
      asked = now();
      wishes.stop();
    } else if (now() - asked > REPEAT_MS) wishes.stopNow();
  };
  const hangUp = (): void => {
    if (terminalGone()) stop();
    else if (asked === null) wishes.reload();
  };
  source.on('SIGINT', stop);
  source.on('SIGTERM', stop);
  source.on('SIGHUP', hangUp);
  return () => {
    source.off('SIGINT', stop);
    source.off('SIGTERM', stop);
    source.off('SIGHUP', hangUp);
  };
}

/** @param startedInTerminal whether there was one to lose. */
export function terminalWatch(startedInTerminal: boolean): () => boolean {
  return () => {
    if (!startedInTerminal) return false;
    try {
      closeSync(openSync('/dev/tty', 'r'));
      return false;
    } catch {
      return true; // ENXIO or EIO: there is no terminal any more
    }
  };
}
