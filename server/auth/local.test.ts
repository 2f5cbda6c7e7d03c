import { expect, it } from 'vitest';
import { Failure } from '../failure.ts';
import { ACTOR_HEADER, localAuthenticator } from './local.ts';

const auth = localAuthenticator();
const identify = (value: string | string[] | undefined) => auth.identify(value === undefined ? {} : { [ACTOR_HEADER]: value });

it('names nobody when the header is absent, and vouches for nobody', () => {
  expect(identify(undefined)).toBeNull();
  expect(auth.verified).toBe(false);
});

it.each([
  ['local:ana', 'local:ana'],
  ['local:Ana%20P%C3%A9rez', 'local:Ana Pérez'],
  ['hook:ben', 'hook:ben'],
  ['local:a%3Ab', 'local:a:b'],
  ['local:Pe%CC%81rez', 'local:Pérez'],
])('%s is %s', (sent, actor) => {
  expect(identify(sent)).toBe(actor);
});

it.each([
  'user:ana',
  'token:ci',
  'system:pipeline',
  'SYSTEM:x',
  'ana',
  '',
  'local:',
  'local:%20',
  'local:a%0Ab',
  'local:%00',
  'local:%C2%85',
  'local:%E2%80%AEana',
  'local:ana%E2%80%8B',
  'local:%D8%9Cana',
  'local:ana%EF%BB%BF.',
  'local:%zz',
  'local:%C3',
  'local:Pérez',
  'local:ana, local:ben',
  `local:${'x'.repeat(300)}`,
])('%j is malformed', (sent) => {
  expect(() => identify(sent)).toThrow(expect.objectContaining({ name: 'Failure', code: 'malformed' }));
});

it('refuses two headers', () => {
  expect(() => identify(['local:ana', 'local:ben'])).toThrow(Failure);
});
