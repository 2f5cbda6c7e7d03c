/** People who press levers while the server is being broken: each waits for an answer, then presses the next. Refusals are commands too. */
import { setTimeout as pause } from 'node:timers/promises';
import { seeded } from './case.ts';
import type { History, SentCommand } from './history.ts';

const PROJECT = '/api/v1/projects/app';
/** Between two presses of one person. */
const BETWEEN_MS = [10, 70] as const;
const ANSWER_WITHIN_MS = 5_000;

const LEVERS: readonly { weight: number; path: string; body: object }[] = [
  { weight: 6, path: `${PROJECT}/confirm/staging`, body: {} },
  { weight: 4, path: `${PROJECT}/confirm/staging`, body: { decision: 'reject', comment: 'not today' } },
  { weight: 4, path: `${PROJECT}/promote/staging`, body: {} },
  { weight: 4, path: `${PROJECT}/promote/production`, body: {} },
  { weight: 3, path: `${PROJECT}/redeploy/staging`, body: {} },
  { weight: 2, path: `${PROJECT}/redeploy/production`, body: {} },
  { weight: 2, path: `${PROJECT}/rollback/staging`, body: { reason: 'it looks odd' } },
  { weight: 2, path: `${PROJECT}/gates/host/unit_tests/retry`, body: {} },
  { weight: 1, path: `${PROJECT}/rebuild`, body: {} },
];
const ALL = LEVERS.flatMap(({ weight, ...lever }) => Array.from({ length: weight }, () => lever));

export interface Said {
  status: number;
  /** The sentence of a problem; empty otherwise. */
  detail: string;
  /** Of the command it answers. */
  key: string;
}

export class Operators {
  readonly #port: number;
  readonly #history: History;
  readonly #random: ReturnType<typeof seeded>;
  #done: Promise<unknown> | null = null;
  #stop = new AbortController();
  #pressed = 0;

  constructor(port: number, history: History, seed: number) {
    this.#port = port;
    this.#history = history;
    this.#random = seeded(seed);
  }

  begin(...names: string[]): void {
    this.#stop = new AbortController();
    this.#done = Promise.all(names.map((name) => this.#press(name, this.#stop.signal)));
  }

  /** Lets go of the levers and waits for the last answers, which may never come. Idempotent. */
  async end(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  /** As one who got no answer, or did not believe it, does: the same again. */
  async repeat(sent: SentCommand): Promise<Said | null> {
    return this.#post(sent);
  }

  /** Sends one command. @returns null without an answer. */
  async send(name: string, lever: { path: string; body: object } = this.#random.pick(ALL)): Promise<Said | null> {
    const key = `${name}-${++this.#pressed}-${this.#random.below(1e9)}`;
    return this.#post(this.#history.send({ key, actor: `local:${name}`, ...lever }));
  }

  async #press(name: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.send(name);
      const [least, most] = BETWEEN_MS;
      await pause(least + this.#random.below(most - least), undefined, { signal }).catch(() => undefined);
    }
  }

  async #post(sent: SentCommand): Promise<Said | null> {
    try {
      const answer = await fetch(`http://127.0.0.1:${this.#port}${sent.path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': sent.key, 'x-signalbox-actor': sent.actor },
        body: JSON.stringify(sent.body),
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      const body = (await answer.json()) as { detail?: string };
      this.#history.answered(sent, answer.status, body);
      return { status: answer.status, detail: body.detail ?? '', key: sent.key };
    } catch {
      return null; // no answer: the server is gone or going
    }
  }
}
