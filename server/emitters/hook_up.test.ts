import { expect, test } from 'vitest';
import { ProjectId } from '../../src/shared/protocol/ids.ts';
import { hookUp } from './hook_up.ts';

const about = { id: ProjectId.parse('hello'), branch: 'main' };

test('an address has no hook of ours, and that is no trouble', async () => {
  const reports: string[] = [];
  await hookUp({ ...about, repo: 'https://example.org/hello.git' }, 'http://127.0.0.1:1', (message) => reports.push(message));
  expect(reports).toEqual([]);
});

test('a hook that cannot be written is reported and stops nothing', async () => {
  const reports: string[] = [];
  await hookUp({ ...about, repo: '/nowhere/hello.git' }, 'http://127.0.0.1:1', (message) => reports.push(message));
  expect(reports).toEqual(['Pushes to hello are noticed within a minute, not at once: its hook could not be written.']);
});
