// @vitest-environment happy-dom
import { expect, test } from 'vitest';
import { PageKeys } from './keys.ts';

const pressed: string[] = [];
const tell = (name: string) => (): void => void pressed.push(name);
function type(...keys: string[]): string[] {
  pressed.length = 0;
  for (const key of keys) document.dispatchEvent(new KeyboardEvent('keydown', { key, cancelable: true }));
  return [...pressed];
}

test('tables share a sequence: its second key is no key of another table', () => {
  const keys = new PageKeys(document, () => true);
  const undo = [
    keys.add({ p: tell('promote'), n: tell('next'), 'g g': tell('top') }),
    keys.add({ 'g p': tell('panel'), 'g n': tell('needs') }),
  ];
  expect(type('g', 'p')).toEqual(['panel']);
  expect(type('g', 'g', 'n')).toEqual(['top', 'next']);
  expect(type('p')).toEqual(['promote']);
  for (const leave of undo) leave();
  expect(type('g', 'p', 'p')).toEqual([]);
});

test('what is on the page first is asked first; a held key does nothing unless asked for', () => {
  const keys = new PageKeys(document, () => true);
  const undo = [keys.add({ '/': tell('find'), j: { run: tell('down'), repeat: true } }), keys.add({ '/': tell('filter') })];
  expect(type('/')).toEqual(['find']);
  pressed.length = 0;
  for (const key of ['/', 'j']) document.dispatchEvent(new KeyboardEvent('keydown', { key, repeat: true, cancelable: true }));
  expect(pressed).toEqual(['down']);
  for (const leave of undo) leave();
});
