import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Copies } from '../archive/port.ts';
import { compressLog } from './compress_log.ts';
import { copyRunLogs } from './copy_logs.ts';
import { deleteLog } from './delete_log.ts';
import { isCode, realDisk } from './disk.ts';
import { runPaths } from './layout.ts';
import type { Fixture } from './log_store_fixture.ts';
import { meta, openFixture } from './log_store_fixture.ts';
import type { LogStore } from './port.ts';
import { ClosedRecord, readRecord } from './records.ts';
import { verifyRunLogs } from './verify_logs.ts';

let fixture: Fixture;
let store: LogStore;
let target: string;
beforeEach(async () => {
  fixture = await openFixture();
  store = await fixture.open();
  target = await mkdtemp(join(tmpdir(), 'logcopy-'));
});
afterEach(async () => {
  await fixture.cleanUp();
  await rm(target, { recursive: true });
});

/** @param before each file is copied. */
function into(before: (from: string) => Promise<void> = () => Promise.resolve()): Pick<Copies, 'copy' | 'write'> {
  return {
    async copy(from, to) {
      await before(from);
      await mkdir(dirname(to), { recursive: true });
      return await copyFile(from, to).then(
        () => true,
        (error: unknown) => (isCode(error, 'ENOENT') ? false : Promise.reject(error as Error)),
      );
    },
    async write(to, text) {
      await mkdir(dirname(to), { recursive: true });
      await writeFile(to, text);
    },
  };
}

async function closedLog(run_id: number): Promise<void> {
  const log = await store.create(meta(run_id), []);
  log.write(Buffer.from(`log ${run_id}\n`));
  await log.close();
}

async function compress(run_id: number): Promise<void> {
  const paths = runPaths(fixture.folder, run_id);
  const closed = await readRecord(ClosedRecord, paths.closed);
  if (closed !== null) await compressLog(run_id, paths, closed, { disk: realDisk, goOn: () => undefined });
}

const remove = (run_id: number): Promise<void> =>
  deleteLog(realDisk, runPaths(fixture.folder, run_id), { at_ms: 1, why: 'Log deleted.', bytes: 6, sha256: 'ab' });

async function expectCopied(): Promise<void> {
  const copy = await fixture.open({ folder: target });
  for (const run_id of [1, 2]) expect(String(await buffer(copy.bytes(run_id, 0, 99)))).toBe(`log ${run_id}\n`);
  expect(await copy.stat(3)).toMatchObject({ closed: true, deleted: { why: 'Log deleted.' } });
  expect(await verifyRunLogs(target)).toEqual({ logs: 2, bytes: 12, problems: [] });
}

test('plain, compressed and deleted logs are copied as what they are', async () => {
  for (const run_id of [1, 2, 3]) await closedLog(run_id);
  await compress(2);
  await remove(3);
  await copyRunLogs(fixture.folder, target, into());
  await expectCopied();
});

test('a log that is compressed or deleted while it is copied is whole, or deleted, in the copy', async () => {
  for (const run_id of [1, 2, 3]) await closedLog(run_id);
  const done = new Set<number>();
  const meanwhile = into(async (from) => {
    if (from === runPaths(fixture.folder, 2).log && !done.has(2)) {
      done.add(2);
      await compress(2);
    }
    if (from === runPaths(fixture.folder, 3).log && !done.has(3)) {
      done.add(3);
      await remove(3);
    }
  });
  await copyRunLogs(fixture.folder, target, meanwhile);
  await expectCopied();
});
