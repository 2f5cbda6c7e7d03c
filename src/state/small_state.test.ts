import { describe, expect, test } from 'vitest';
import { tidyName } from '../shared/words/name.ts';
import { Naming } from './naming.svelte.ts';
import { outcomeSentence } from './outcome_words.ts';
import { placeOf, projectPath, releasePath, runPath } from './paths.ts';
import { Prefs } from './prefs.svelte.ts';

describe('places', () => {
  test.each([
    ['/', { view: 'panel' }],
    ['', { view: 'panel' }],
    [runPath(42), { view: 'run', run_id: 42 }],
    ['/runs/42/', { view: 'run', run_id: 42 }],
    ['/runs/0', { view: 'not_found' }],
    ['/runs/4x', { view: 'not_found' }],
    [projectPath('hello'), { view: 'project', project: 'hello', version: null }],
    [releasePath('hello', '1.4.0+g3f2a91c'), { view: 'project', project: 'hello', version: '1.4.0+g3f2a91c' }],
    ['/projects/hello/releases', { view: 'project', project: 'hello', version: null }],
    ['/projects/%zz', { view: 'not_found' }],
    ['/elsewhere', { view: 'not_found' }],
  ])('%s', (path, place) => expect(placeOf(path)).toEqual(place));
});

describe('prefs', () => {
  const storage = (first: Record<string, string> = {}): Pick<Storage, 'getItem' | 'setItem'> => {
    const kept = new Map(Object.entries(first));
    return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) };
  };

  test('are remembered', () => {
    const kept = storage();
    const prefs = new Prefs(kept);
    prefs.name = '  Ana \u0000 Pérez ';
    prefs.theme = 'dark';
    prefs.letters = false;
    prefs.wrap = true;
    prefs.controls = true;
    expect(new Prefs(kept)).toMatchObject({ name: 'Ana Pérez', theme: 'dark', letters: false, wrap: true, controls: true });
  });

  test.each(['x', '7', 'null', '{}', '"pink"'])('%s in the storage is no reason to fail', (value) => {
    const prefs = new Prefs(
      storage({ 'signalbox.theme': value, 'signalbox.letters': value, 'signalbox.wrap': value, 'signalbox.controls': value }),
    );
    expect(prefs).toMatchObject({ name: '', theme: 'system', letters: true, wrap: false, controls: false });
  });

  test('a storage that is forbidden or full keeps them for this page', () => {
    const prefs = new Prefs({
      getItem: () => {
        throw new Error('forbidden');
      },
      setItem: () => {
        throw new Error('full');
      },
    });
    prefs.name = 'Ana';
    expect(prefs.name).toBe('Ana');
    expect(new Prefs(null).name).toBe('');
  });
});

test('a name keeps no marks that make it look like another', () => {
  expect(tidyName('\u202eanA\u2066 ')).toBe('anA');
  expect(tidyName('Pe\u0301rez')).toBe('Pérez');
  expect([...tidyName('x'.repeat(200))]).toHaveLength(60);
});

describe('naming', () => {
  test('asks once for all that wait, and not at all when the name is known', async () => {
    const prefs = new Prefs(null);
    const naming = new Naming(prefs);
    const both = Promise.all([naming.ask(), naming.ask()]);
    expect(naming.why).toBe('command');
    naming.answer('Ana');
    expect(await both).toEqual([true, true]);
    expect(naming.why).toBeNull();
    expect(prefs.name).toBe('Ana');
    expect(await naming.ask()).toBe(true);
  });

  test('no name is an answer too', async () => {
    const naming = new Naming(new Prefs(null));
    const asked = naming.ask();
    naming.answer(null);
    expect(await asked).toBe(false);
  });
});

test.each([
  [{ status: 'applied', seq_no: 1284, run_id: null } as const, 'Recorded as #1,284.'],
  [
    { status: 'refused', seq_no: 9, refusal: { code: 'settled', message: 'It has ended already.' } } as const,
    'Not done. It has ended already.',
  ],
  [{ status: 'not_received' } as const, 'Not received. Nothing was done.'],
  [{ status: 'failed', message: 'No answer.' } as const, 'No answer.'],
])('%j', (outcome, sentence) => expect(outcomeSentence(outcome)).toBe(sentence));
