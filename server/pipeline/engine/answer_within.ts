/** Asks an address until it answers as expected or the time is over. */
import type { Clock } from '../../clock.ts';
import type { Probe } from '../../deploy/port.ts';
import type { RunOutput } from './run_output.ts';

const ASK_AGAIN_MS = 150;
const ONE_ANSWER_MS = 2000;

export interface Question {
  url: string;
  expect: string | undefined;
  within_ms: number;
  clock: Clock;
  probe: Probe;
  signal: AbortSignal;
  output: Pick<RunOutput, 'say' | 'masked'>;
}

interface Answer {
  ok: boolean;
  detail: string;
}

/** @returns the last answer; `detail` is a sentence. An abort counts as no answer. */
export async function answerWithin(question: Question): Promise<Answer> {
  const time = { over: false };
  const undo = question.clock.after(question.within_ms, () => (time.over = true));
  return ask(question, time).finally(undo);
}

/** @param time says that it is over also when the wall clock was set back and the deadline is far again. */
async function ask({ url, expect, within_ms, clock, probe, signal, output }: Question, time: { over: boolean }): Promise<Answer> {
  const deadline = clock.now() + within_ms;
  let last = '';
  for (;;) {
    const left_ms = Math.min(Math.max(1, deadline - clock.now()), within_ms);
    const answered = await probe(
      { http: url, timeout_ms: Math.min(ONE_ANSWER_MS, left_ms), masked: output.masked, ...(expect === undefined ? {} : { expect }) },
      signal,
    );
    const ok = answered.status === 'matching' || (expect === undefined && answered.status === 'answers');
    // A probe that got no answer says where it asked.
    const told = answered.detail.startsWith(`${url}: `) ? answered.detail.slice(url.length + 2) : answered.detail;
    // One that the end of the time cut short says less than the answer before it.
    const isCut = answered.status === 'unreachable' && last !== '' && (time.over || clock.now() >= deadline);
    if (told !== last && !isCut && !signal.aborted) await output.say(`${url}: ${told}`);
    if (!isCut) last = told;
    if (ok) return { ok, detail: last };
    if (signal.aborted || time.over || clock.now() + ASK_AGAIN_MS > deadline)
      return { ok: false, detail: `${url} did not answer as expected within ${within_ms / 1000} s: ${last}` };
    await pause(clock, ASK_AGAIN_MS, signal);
  }
}

function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => (undo(), signal.removeEventListener('abort', done), resolve());
    const undo = clock.after(ms, done);
    signal.addEventListener('abort', done, { once: true });
  });
}
