import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { folderId } from './folder_id.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'folder-id-'));
});
afterEach(() => rm(root, { recursive: true }));

test('a data folder that is not there yet is made, and keeps its id from then on', () => {
  const report = vi.fn();
  const id = folderId(join(root, 'a/data'), report);
  expect(id).toMatch(/^[0-9a-f]{16}$/);
  expect(folderId(join(root, 'a/data'), report)).toBe(id);
  expect(report).not.toHaveBeenCalled();
});

test('a copy of a data folder has another id, so that it never sweeps the runs of the original', async () => {
  const original = folderId(join(root, 'data'), vi.fn());
  await cp(join(root, 'data'), join(root, 'copy'), { recursive: true });
  expect(folderId(join(root, 'copy'), vi.fn())).not.toBe(original);
});

test('a damaged id is written anew and reported', async () => {
  const before = folderId(root, vi.fn());
  await writeFile(join(root, 'runner_id'), '');
  const report = vi.fn();
  const after = folderId(root, report);
  expect(after).not.toBe(before);
  expect(report).toHaveBeenCalledOnce();
  expect(folderId(root, report)).toBe(after);
});
