/** Carries a run's output from the pipe to its consumer, and knows when to stop although somebody holds the pipe open. */
import { Socket } from 'node:net';
import type { RunSpec } from './port.ts';
import { settlesWithin } from './settles_within.ts';

/** After the run has ended: no byte for this long means that all it wrote has been read. What it wrote is in the pipe already, so this is ample. */
const QUIET_MS = 100;
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
  const reader = new Socket({ fd, readable: true, writable: false });
  let received = 0;
  let broken = false;
  let closed = false;
  let taking: Promise<void> | null = null;

  const fail = (error: unknown): void => {
    if (!broken) failed(error);
    broken = true;
  };
  const take = async (taken: Promise<void>): Promise<void> => {
    reader.pause();
    await taken.catch(fail);
    taking = null;
    reader.resume();
  };
  reader.on('data', (data: Buffer) => {
    received += data.length;
    try {
      const taken = output(data);
      if (taken) taking = take(taken);
    } catch (error) {
      fail(error);
    }
  });
  const ended = new Promise<void>((resolve) => {
    reader.on('error', fail);
    reader.on('close', () => {
      closed = true;
      resolve(taking ?? undefined);
    });
  });

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
