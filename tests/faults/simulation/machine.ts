/**
 * The machine the server runs on, as far as children are concerned: processes that write, end, hang or ignore TERM, and that outlive a server
 * that crashed until the next one sweeps them up.
 */
import type { Runner, RunEnd, RunSpec } from '../../../server/runner/port.ts';
import type { Owner, Schedule } from './schedule.ts';

const GRACE_MS = 5_000;
const WRITES_MOST = 2;
const LONGEST_WRITE_MS = 1_500;
/** How a process ends by itself; the rest exits with 0. */
const FAILS = 0.08;
const HANGS = 0.04;
const NOT_STARTED = 0.02;
const IGNORES_TERM = 0.15;
const SLOW_SWEEP = 0.5;

/** Text with everything that is hard to cut. */
const WORDS = ['ok\n', 'größe ', '🚂🛤️ ', '\u001b[31mred\u001b[0m\n', 'line ', '\ufeffbom ', 'ä'];

export interface Child {
  owner: Owner;
  name: string;
  env: Readonly<Record<string, string>>;
}

export class Machine {
  readonly children = new Set<Child>();
  readonly #schedule: Schedule;
  /** Told of each start, while the others still live. */
  readonly #starting: (child: Child) => void;
  calm = false;
  /** How much more often than usual children fail. */
  temper = 1;

  constructor(schedule: Schedule, starting: (child: Child) => void) {
    this.#schedule = schedule;
    this.#starting = starting;
  }

  runner(owner: Owner): Runner {
    const mine = new Set<() => void>();
    return {
      spawn: (spec) => this.#spawn(owner, spec, mine),
      sweepLeftovers: async () => {
        await this.#schedule.maybe(owner, 'leftovers are swept up', SLOW_SWEEP);
        const left = [...this.children].filter((child) => child.owner !== owner);
        for (const child of left) this.children.delete(child);
        return left.length;
      },
      close: () => {
        for (const abort of [...mine]) abort();
        return Promise.resolve();
      },
    };
  }

  #spawn(owner: Owner, spec: RunSpec, mine: Set<() => void>): Promise<{ end: RunEnd; elapsed_s: number }> {
    const schedule = this.#schedule;
    const { name, env, signal } = spec;
    const began = schedule.now;
    const child: Child = { owner, name, env };
    const calm = this.calm;
    return new Promise((resolve) => {
      let ended = false;
      const undo = new Set<() => void>();
      const end = (how: RunEnd): void => {
        if (ended) return;
        ended = true;
        for (const each of undo) each();
        this.children.delete(child);
        mine.delete(abort);
        signal.removeEventListener('abort', abort);
        resolve({ end: how, elapsed_s: (schedule.now - began) / 1000 });
      };
      const stop = (how: RunEnd): void => {
        if (schedule.chance(IGNORES_TERM)) undo.add(schedule.after(owner, GRACE_MS, () => end(how)));
        else undo.add(schedule.add(owner, `${name} obeys TERM`, () => end(how)));
      };
      const abort = (): void => stop({ type: 'aborted' });
      if (signal.aborted) return end({ type: 'aborted' });
      if (!calm && schedule.chance(NOT_STARTED * this.temper)) return end({ type: 'spawn', message: 'no processes left' });
      this.#starting(child);
      this.children.add(child);
      mine.add(abort);
      signal.addEventListener('abort', abort, { once: true });
      undo.add(schedule.after(owner, spec.timeout_ms, () => stop({ type: 'timeout', after_s: spec.timeout_ms / 1000 })));
      let writes = schedule.random.below(WRITES_MOST + 1);
      const next = (): void => {
        if (ended) return;
        if (writes-- > 0) return void write();
        const fate = calm ? 1 : schedule.random.next() / this.temper;
        if (fate < HANGS) return;
        const how: RunEnd = fate < HANGS + FAILS ? { type: 'exit', code: 1 } : { type: 'exit', code: 0 };
        undo.add(schedule.add(owner, `${name} ends`, () => end(how)));
      };
      const write = async (): Promise<void> => {
        await schedule.pause(owner, schedule.random.below(LONGEST_WRITE_MS));
        if (ended) return;
        await spec.output(this.#output());
        next();
      };
      next();
    });
  }

  /** Cut anywhere, in the middle of a character too. */
  #output(): Buffer {
    const { random } = this.#schedule;
    let text = '';
    for (let n = 1 + random.below(5); n > 0; n--) text += random.pick(WORDS);
    const data = Buffer.from(text);
    return data.subarray(random.below(3), data.length - random.below(3));
  }
}
