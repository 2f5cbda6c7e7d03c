import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { childEnvironment, NONCE_VARIABLE } from './environment.ts';

const server = { PATH: '/usr/bin', HOME: '/home/ana', LC_ALL: 'C.UTF-8', TZ: 'UTC', DEPLOY_KEY: 'hunter2', NODE_OPTIONS: '--inspect' };

test('a secret of the server does not reach a child, its home and language do', () => {
  const env = childEnvironment(server, {}, null);
  expect(Object.keys(env).sort()).toEqual(['CI', 'FORCE_COLOR', 'GIT_TERMINAL_PROMPT', 'HOME', 'LC_ALL', 'PATH', 'TERM', 'TZ']);
  expect(env).toMatchObject({
    HOME: '/home/ana',
    LC_ALL: 'C.UTF-8',
    FORCE_COLOR: '1',
    CI: '1',
    TERM: 'xterm-256color',
    GIT_TERMINAL_PROMPT: '0',
  });
});

test('the Node of the server comes first on the path', () => {
  expect(childEnvironment(server, {}, null).PATH).toBe(`${dirname(process.execPath)}:/usr/bin`);
  expect(childEnvironment({}, {}, null).PATH).toBe(`${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`);
});

test('what the run adds wins, but for the nonce', () => {
  const added = { FORCE_COLOR: '0', VERSION: '1.0.0', [NONCE_VARIABLE]: 'forged' };
  expect(childEnvironment(server, added, 'a.b')).toMatchObject({ FORCE_COLOR: '0', VERSION: '1.0.0', [NONCE_VARIABLE]: 'a.b' });
  expect(childEnvironment({ ...server, [NONCE_VARIABLE]: 'outer' }, added, null)).not.toHaveProperty(NONCE_VARIABLE);
});
