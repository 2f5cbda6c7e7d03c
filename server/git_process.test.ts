import { expect, test } from 'vitest';
import { complaint, git } from './git_process.ts';
import { GitError } from './emitters/git_port.ts';

test.each([
  [
    "fatal: unable to access 'https://ana:secret@example.org/a.git/': Could not resolve host: example.org\n",
    "unable to access 'https://example.org/a.git/': Could not resolve host: example.org",
  ],
  ['warning: a\nerror: b.\nhint: c\n', 'b'],
  ['Permission denied (publickey).\n', 'Permission denied (publickey)'],
  ['', 'exit code 3'],
])('the complaint in %j is %j', (stderr, said) => {
  expect(complaint({ code: 3, stdout: '', stderr })).toBe(said);
});

test('a git that takes too long is ended, with what it started', async () => {
  const slow = git(['-c', 'alias.wait=!echo $$ >&2; sleep 60', 'wait'], { timeout_ms: 300 });
  await expect(slow).rejects.toThrow(new GitError('git wait did not end within 0.3 s.'));
});

test('a git that says too much is ended', async () => {
  await expect(git(['-c', 'alias.shout=!yes', 'shout'])).rejects.toThrow('said more than 16000000 bytes');
});

test('an abort before the start starts nothing', async () => {
  const reason = new Error('enough');
  await expect(git(['--version'], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});
