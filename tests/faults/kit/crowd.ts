/** Many viewers in a process of their own, so that what they cost is not the server's: asked one thing at a time, and counted on for what was delivered. */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Asked, Told } from './crowd_talk.ts';

type ToldOf<T extends Told['told']> = Extract<Told, { told: T }>;

const DELIVERED_WITHIN_MS = 30_000;

export class Crowd {
  /** How often so many events have come for each viewer since `arm`. */
  delivered = 0;
  readonly #process: ChildProcess = fork(fileURLToPath(new URL('crowd_process.ts', import.meta.url)), { execPath: process.execPath });
  #onDelivered: () => void = () => undefined;
  #onAnswer: (told: Told) => void = () => undefined;
  /** Whether its process turns without sleeping from `arm` until it is asked for latencies. Its processor time then tells nothing. */
  readonly awake: boolean;

  constructor(awake = false) {
    this.awake = awake;
    this.#process.on('message', (told: Told) => {
      if (told.told !== 'delivered') return this.#onAnswer(told);
      this.delivered++;
      this.#onDelivered();
    });
    this.#process.once('exit', (code) => this.#onAnswer({ told: 'failed', why: `the crowd ended with ${code}` }));
  }

  ask<T extends Told['told']>(asked: Asked, answer: T): Promise<ToldOf<T>> {
    return new Promise((resolve, reject) => {
      this.#onAnswer = (told) => {
        if (isOf(told, answer)) resolve(told);
        else reject(new Error(told.told === 'failed' ? told.why : `expected ${answer}, was told ${told.told}`));
      };
      this.#process.send(asked);
    });
  }

  /** Begins to count, `events` for each viewer at a time. */
  async arm(group: string, events: number): Promise<void> {
    await this.ask({ ask: 'arm', group, events, awake: this.awake }, 'armed');
    this.delivered = 0;
  }

  /** Resolves when `times` as many have come. @throws Error when nothing more comes for `DELIVERED_WITHIN_MS`. */
  async until(times: number): Promise<void> {
    while (this.delivered < times) {
      await new Promise<void>((resolve, reject) => {
        const late = setTimeout(
          reject,
          DELIVERED_WITHIN_MS,
          new Error(`${this.delivered} of ${times} were delivered, then nothing more came`),
        );
        this.#onDelivered = () => {
          clearTimeout(late);
          resolve();
        };
      });
    }
  }

  /** Its process ends. Idempotent. */
  close(): void {
    if (this.#process.connected) this.#process.disconnect();
  }
}

function isOf<T extends Told['told']>(told: Told, what: T): told is ToldOf<T> {
  return told.told === what;
}
