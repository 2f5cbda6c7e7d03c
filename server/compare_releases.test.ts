import { expect, test } from 'vitest';
import { given } from './pipeline/given.ts';
import { HOST, PRODUCTION, shaOf, STAGING, versionOf } from './pipeline/given_line.ts';
import { compareReleases } from './compare_releases.ts';
import type { Repository } from './emitters/git_port.ts';

const asked: [string, string][] = [];
const repository: Repository = {
  head: async () => null,
  isEmpty: async () => true,
  describe: async () => null,
  checkout: async () => undefined,
  compare: async (from, to) => {
    asked.push([from, to]);
    return { total: 0, commits: [] };
  },
};

test('releases are compared by the commits they were built from', async () => {
  const { state } = given(HOST, STAGING, PRODUCTION).throughHost('a1').push('b2').buildPassed();
  await compareReleases(state, repository, { project: 'hello', from: versionOf('a1'), to: versionOf('b2') });
  expect(asked).toEqual([[shaOf('a1'), shaOf('b2')]]);
});

test('a release that is not known is not found, and git is not asked', () => {
  const { state } = given(HOST, STAGING, PRODUCTION).throughHost('a1');
  asked.length = 0;
  const compare = (): unknown => compareReleases(state, repository, { project: 'hello', from: versionOf('a1'), to: '9.9.9' });
  expect(compare).toThrow(expect.objectContaining({ code: 'not_found' }));
  expect(asked).toEqual([]);
});
