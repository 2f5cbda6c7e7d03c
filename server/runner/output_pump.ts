/** Carries a run's output from the pipe to its consumer, and knows when to stop although somebody holds the pipe open. */
import { Socket } from 'node:net';
import type { RunSpec } from './port.ts';
import { settlesWithin } from './settles_within.ts';

/** After the run has ended: no byte for this long means that all it wrote has been read. What it wrote is in the pipe already, so this is ample. */
const QUIET_MS = 100;
/** More than a pipe holds at first: one read empties it, and other sockets have their turn before the next. */
const READ_BYTES = 131_072;
/** The most a Linux pipe can hold. Whatever comes beyond it after the end was written by somebody who is not the run. */
const PIPE_MAX_BYTES = 1_048_576;

export interface OutputPump {
  /** Resolves when everyone who held the pipe has let go and the consumer has taken everything. */
  ended: Promise<void>;
  /** Takes what is in the pipe, then closes it. Call when the run has ended. @returns false when somebody still holds it open. */
  finish(): Promise<boolean>;
}

/**
 * The socket is made here, in the same turn as its listeners: one made earlier reads at once and can be at its end before anybody listens.
 * @param fd is closed by `finish`.
 * @param failed told once, when the consumer throws; the pipe is read on, because a full pipe would stop the run.
 */
export function pumpOutput(fd: number, output: RunSpec['output'], failed: (error: unknown) => void): OutputPump {
  // One memory for all reads: new memory for each costs three times as much as the rest of reading.
  const onread = { buffer: Buffer.allocUnsafeSlow(READ_BYTES), callback: (bytes: number, buffer: Uint8Array) => hear(buffer, bytes) };
  const reader = new Socket({ fd, readable: true, writable: false, onread });
  let received = 0;
  let broken = false;
  let closed = false;
  let taking: Promise<void> | null = null;

  const fail = (error: unknown): void => {
    if (!broken) failed(error);
    broken = true;
  };
  const take = async (taken: Promise<void>): Promise<void> => {
    await taken.catch(fail);
    taking = null;
    reader.resume();
  };
  /** @returns false when nothing more is to be read yet. */
  const hear = (memory: Uint8Array, bytes: number): boolean => {
    received += bytes;
    try {
      const taken = output(Buffer.from(memory.buffer, memory.byteOffset, bytes));
      if (taken) taking = take(taken);
    } catch (error) {
      fail(error);
    }
    return taking === null;
  };
  const ended = new Promise<void>((resolve) => {
    reader.on('error', fail);
    reader.on('close', () => {
      closed = true;
      resolve(taking ?? undefined);
    });
  });
  // Else its end would never be told.
  reader.resume();

  return {
    ended,
    async finish() {
      const limit = received + PIPE_MAX_BYTES;
      while (!closed && received <= limit) {
        const before = received;
        await settlesWithin(ended, QUIET_MS);
        if (taking) await taking;
        else if (received === before) break;
      }
      const whole = closed;
      reader.destroy();
      await ended;
      return whole;
    },
  };
}
