import { afterEach, beforeEach, expect, test } from 'vitest';
import { ArtifactError } from '../../deploy/port.ts';
import { GitError } from '../../emitters/git_port.ts';
import { Failure } from '../../failure.ts';
import { openScene, type Scene } from './engine_scene.ts';
import { classifyError, RunOutput } from './run_output.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene({ tiers: [] });
});
afterEach(() => scene.close());

const open = (secrets: readonly string[] = []): Promise<RunOutput> =>
  RunOutput.open(scene.deps.logs, { run_id: 7, project: 'hello', type: 'gate' }, secrets);

test('the end is what was stored: masked, also where a secret was cut in two', async () => {
  const output = await open(['hunter22']);
  await output.write(Buffer.from('the token is hun'));
  await output.write(Buffer.from('ter22, keep it\n'));
  expect(await output.end()).toBe('the token is ***, keep it\n');
  expect(await scene.logOf(7)).toBe('the token is ***, keep it\n');
});

test('of a long log it is the last 256 KiB', async () => {
  const output = await open();
  await output.write(Buffer.alloc(300 * 1024, 'x'));
  await output.write(Buffer.from('the reason\n'));
  const end = await output.end();
  expect(end).toHaveLength(256 * 1024);
  expect(end.endsWith('x'.repeat(10) + 'the reason\n')).toBe(true);
});

test('of an empty log it is nothing', async () => {
  expect(await (await open()).end()).toBe('');
});

test('a line of ours is set apart; after close it goes nowhere, and closing again gives the same answer', async () => {
  const output = await open();
  await output.say('Checking out');
  const closed = await output.close();
  await output.say('too late');
  expect(await output.close()).toEqual(closed);
  expect(await output.end()).toBe('\u001b[2m— Checking out\u001b[0m\n');
});

test('a line of ours begins a line, whatever the child left open, and once', async () => {
  const output = await open();
  await output.write(Buffer.from('no feed at its end'));
  await output.write(Buffer.alloc(0));
  await output.say('Stored');
  await output.say('Deployed');
  await output.write(Buffer.from('50 %\r'));
  await output.say('Ended');
  const ours = (line: string): string => `\u001b[2m— ${line}\u001b[0m\n`;
  expect(await output.end()).toBe(`no feed at its end\n${ours('Stored')}${ours('Deployed')}50 %\r\n${ours('Ended')}`);
});

test.each([
  [new ArtifactError('no dist'), 'artifact', 'commit'],
  [new GitError('no repository'), 'spawn', 'machine'],
  [new Failure('storage_full', 'no space'), 'spawn', 'machine'],
  [Object.assign(new Error('no such file'), { code: 'ENOENT' }), 'spawn', 'machine'],
  [new Error('a defect'), 'spawn', 'unknown'],
  ['not even an error', 'spawn', 'unknown'],
] as const)('%s is of type %s, suspected is %s', (error, type, suspect) => {
  const message = error instanceof Error ? error.message : error;
  expect(classifyError(error)).toEqual({ classification: { type, message, suspect }, excerpt: [message] });
});
