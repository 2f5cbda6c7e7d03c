import { expect, test } from 'vitest';
import { interpolate, scriptEnv } from './script_env.ts';
import { openScene } from './engine_scene.ts';

test('names that are known are replaced, with and without braces', () => {
  expect(interpolate('http://127.0.0.1:$PORT/${VERSION}/$NODE_2', { PORT: '4101', VERSION: '1.0.0', NODE_2: 'n' })).toBe(
    'http://127.0.0.1:4101/1.0.0/n',
  );
});

test.each(['$NOBODY', '${NOBODY}', '$', '$$', '${', '${PORT', '$port', 'PORT', '$(PORT)', '${constructor}'])(
  '%s stays as it is',
  (text) => {
    expect(interpolate(text, { PORT: '1' })).toBe(text);
  },
);

test('a name is read to its end, and a value is not read again', () => {
  expect(interpolate('$PORTS $PORT-1', { PORT: '$SHA', SHA: 'x' })).toBe('$PORTS $SHA-1');
});

test("what Signalbox says about the run goes before the project's own values; what is not known is not set", async () => {
  const scene = await openScene({ tiers: [] });
  await scene.close();
  const project = { ...scene.project, env: { VERSION: 'mine', MODE: 'production' } };
  expect(scriptEnv(project, { TOKEN: 'a-secret', SHA: 'mine' }, { version: '1.0.0', sha: 'abc', port: 8080 })).toEqual({
    MODE: 'production',
    TOKEN: 'a-secret',
    PROJECT: 'hello',
    VERSION: '1.0.0',
    SHA: 'abc',
    PORT: '8080',
  });
  expect(scriptEnv(project, {}, { version: '1.0.0', sha: 'abc', tier: 't', gate: 'g', node: 'n', release: '/r' })).toMatchObject({
    TIER: 't',
    GATE: 'g',
    NODE: 'n',
    RELEASE: '/r',
  });
});
