import { expect, it } from 'vitest';
import { assertPrivateBind } from './bind.ts';

it.each(['127.0.0.1', '127.1.2.3', '::1', '[::1]', 'localhost', 'LOCALHOST'])('%s is this machine only', (host) => {
  expect(() => assertPrivateBind(host)).not.toThrow();
});
it.each(['0.0.0.0', '::', '192.168.1.4', 'box.example.org', '127.example.org', '', '127.0.0.1.example.org', '::ffff:0.0.0.0'])(
  'refuses %j',
  (host) => {
    expect(() => assertPrivateBind(host)).toThrow('no sign-in');
  },
);
