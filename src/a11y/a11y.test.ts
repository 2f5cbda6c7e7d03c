import { beforeEach, describe, expect, test } from 'vitest';
import { envelope } from '../transport/frames_for_tests.ts';
import { Announcer, PAUSE_MS } from './announcer.ts';
import { connectionSentence } from './connection_sentence.ts';
import { eventSentence } from './event_sentence.ts';
import { KeySequence, type Press } from './keys.ts';

describe('the announcer', () => {
  let now: number;
  let timers: { at: number; run: () => void }[];
  let said: string[];
  let announcer: Announcer;
  beforeEach(() => {
    now = 0;
    timers = [];
    said = [];
    announcer = new Announcer((sentence) => said.push(sentence), {
      now: () => now,
      after: (ms, run) => {
        const timer = { at: now + ms, run };
        timers.push(timer);
        return () => void (timers = timers.filter((t) => t !== timer));
      },
    });
  });
  function pass(ms: number): void {
    const until = now + ms;
    for (let due = timers.find((t) => t.at <= until); due !== undefined; due = timers.find((t) => t.at <= until)) {
      timers.splice(timers.indexOf(due), 1);
      now = due.at;
      due.run();
    }
    now = until;
  }

  test('at once, then at most one sentence per three seconds', () => {
    announcer.announce('one');
    announcer.announce('two');
    announcer.announce('three');
    expect(said).toEqual(['one']);
    pass(PAUSE_MS - 1);
    expect(said).toEqual(['one']);
    pass(1);
    expect(said).toEqual(['one', 'two']);
    pass(PAUSE_MS);
    expect(said).toEqual(['one', 'two', 'three']);
  });

  test('of a burst the first and the last are said, the middle is counted', () => {
    for (let i = 1; i <= 10; i++) announcer.announce(`event ${i}`);
    pass(PAUSE_MS * 5);
    expect(said).toHaveLength(4);
    expect(said[0]).toBe('event 1');
    expect(said.at(-1)).toContain('event 10');
    expect(said.join(' ')).toContain('6 more');
  });

  test('nothing after close', () => {
    announcer.announce('one');
    announcer.announce('two');
    announcer.close();
    expect(timers).toEqual([]);
  });
});

describe('what is said', () => {
  test('failures and waits, with their project; other events not', () => {
    const failed = envelope(1, { kind: 'merge_failure', story_id: 's1', reason: 'conflict' });
    expect(eventSentence(failed, null)).toBe('hello: s1 could not be merged: conflict.');
    expect(eventSentence(envelope(1), null)).toBeNull();
  });

  test('that the connection was lost and that it is back', () => {
    const lost = { live: false, status: 'reconnecting', reason: 'Connection lost.' } as const;
    expect(connectionSentence(true, lost)).toBe('Connection lost.');
    expect(connectionSentence(false, { ...lost, status: 'catching_up' })).toBeNull();
    expect(connectionSentence(false, { live: true, status: 'live', reason: '' })).toBe('Live again.');
    expect(connectionSentence(true, { live: true, status: 'live', reason: '' })).toBeNull();
  });
});

describe('keys', () => {
  const press = (key: string, more: Partial<Press> = {}): Press => ({
    key,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    repeat: false,
    defaultPrevented: false,
    isComposing: false,
    ...more,
  });
  const names = ['g p', 'g g', 'G', 'j', '?', 'Escape'];
  const match = (sequence: KeySequence, key: string, now = 0, letters = true, more: Partial<Press> = {}): string | null =>
    sequence.match(press(key, more), names, now, letters);

  test('by what is typed', () => {
    expect(match(new KeySequence(), 'j')).toBe('j');
    expect(match(new KeySequence(), 'G')).toBe('G');
    expect(match(new KeySequence(), '?')).toBe('?');
    expect(match(new KeySequence(), 'x')).toBeNull();
  });

  test('two in a row, within a second', () => {
    const sequence = new KeySequence();
    expect(match(sequence, 'g', 0)).toBeNull();
    expect(match(sequence, 'p', 900)).toBe('g p');
    expect(match(sequence, 'p', 950)).toBeNull();
    expect(match(sequence, 'g', 2_000)).toBeNull();
    expect(match(sequence, 'g', 3_001)).toBeNull();
    expect(match(sequence, 'g', 3_100)).toBe('g g');
  });

  test('a first key that leads nowhere does not swallow the second', () => {
    const sequence = new KeySequence();
    match(sequence, 'g', 0);
    expect(match(sequence, 'j', 10)).toBe('j');
  });

  test('keys of one character can be switched off; Escape stays', () => {
    for (const key of ['j', '?', '1']) expect(match(new KeySequence(), key, 0, false)).toBeNull();
    expect(match(new KeySequence(), 'Escape', 0, false)).toBe('Escape');
  });

  test('with Ctrl, Alt or Meta, handled already, or while composing it is not ours', () => {
    for (const more of [{ ctrlKey: true }, { metaKey: true }, { altKey: true }, { defaultPrevented: true }, { isComposing: true }])
      expect(match(new KeySequence(), 'j', 0, true, more)).toBeNull();
  });
});
