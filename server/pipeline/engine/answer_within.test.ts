import { expect, test, vi } from 'vitest';
import { answerWithin } from './answer_within.ts';
import { HandClock } from './hand_clock_for_tests.ts';

test('an address is given up when its time is over, also when the wall clock is set back meanwhile', async () => {
  const clock = new HandClock();
  const end = vi.fn();
  void answerWithin({
    url: 'http://n1/',
    expect: undefined,
    within_ms: 1_000,
    clock,
    probe: async () => ({ status: 'unreachable', detail: 'refused' }),
    signal: new AbortController().signal,
    output: { say: async () => undefined, masked: (text) => text },
  }).then(end);
  const asked = (): Promise<void> => vi.waitFor(() => expect(clock.waiting).toHaveLength(2));
  await asked();
  clock.setBack(60_000);
  for (let passed = 0; passed < 1_000; passed += 200) {
    await asked();
    clock.advance(200);
  }
  await vi.waitFor(() =>
    expect(end).toHaveBeenCalledExactlyOnceWith({ ok: false, detail: 'http://n1/ did not answer as expected within 1 s: refused' }),
  );
  expect(clock.waiting).toEqual([]);
});

test('what the end of the time cut short does not take the place of the answer before it', async () => {
  const clock = new HandClock();
  const said: string[] = [];
  const answers = [
    { status: 'differs' as const, detail: '200, old', body: 'old' },
    { status: 'unreachable' as const, detail: 'http://n1/: no answer within 0.1 s' },
  ];
  const end = answerWithin({
    url: 'http://n1/',
    expect: 'new',
    within_ms: 250,
    clock,
    probe: async () => {
      if (answers.length === 1) clock.advance(100);
      return answers.shift() ?? expect.unreachable();
    },
    signal: new AbortController().signal,
    output: { say: async (line) => void said.push(line), masked: (text) => text },
  });
  await vi.waitFor(() => expect(clock.waiting).toHaveLength(2));
  clock.advance(150);
  expect(await end).toEqual({ ok: false, detail: 'http://n1/ did not answer as expected within 0.25 s: 200, old' });
  expect(said).toEqual(['http://n1/: 200, old']);
});
