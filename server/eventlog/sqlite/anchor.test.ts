import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ANCHOR_DISK, AnchorFile, readAnchor, type Anchor, type AnchorDisk } from './anchor.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-anchor-'));
  file = join(folder, 'anchor');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const anchorAt = (head: number): Anchor => ({ head, hash: String(head % 10).repeat(64), epoch: '1-abc' });
const never = () => () => undefined;

async function write(...heads: number[]): Promise<void> {
  const anchor = new AnchorFile(file, never);
  for (const head of heads) anchor.writeDurably(anchorAt(head));
  await anchor.close();
  await anchor.close();
}

async function opened(): Promise<Anchor | null> {
  const anchor = new AnchorFile(file, never);
  await anchor.close();
  expect(readAnchor(file)).toEqual(anchor.anchor);
  return anchor.anchor;
}

/** Spoils the slot that holds this head, as a torn write would. */
function tear(head: number): void {
  const bytes = readFileSync(file);
  const at = bytes.indexOf(` ${head} ${anchorAt(head).hash}`);
  expect(at).toBeGreaterThan(0);
  bytes.fill('x', at, at + 40);
  writeFileSync(file, bytes);
}

describe('what counts', () => {
  test('a new file has no anchor; then the newest one counts, across opens, a lower head too', async () => {
    expect(await opened()).toBeNull();
    await write(1);
    expect(await opened()).toEqual(anchorAt(1));
    await write(2, 3, 4);
    expect(await opened()).toEqual(anchorAt(4));
    await write(2);
    expect(await opened()).toEqual(anchorAt(2));
  });

  test('a spoilt slot leaves the one before', async () => {
    await write(7, 8);
    tear(8);
    expect(await opened()).toEqual(anchorAt(7));
    await write(9);
    expect(await opened()).toEqual(anchorAt(9));
  });

  test('two spoilt slots are no anchor', async () => {
    await write(7, 8);
    tear(8);
    tear(7);
    expect(await opened()).toBeNull();
  });

  test('replaced in every slot, nothing older comes back', async () => {
    await write(5, 6, 7, 8);
    const anchor = new AnchorFile(file, never);
    anchor.replace(anchorAt(2));
    await anchor.close();
    const bytes = readFileSync(file);
    for (const head of [5, 6, 7, 8]) expect(bytes.includes(anchorAt(head).hash)).toBe(false);
  });
});

/** A disk whose syncs end when the test says so, and a pause that passes then. Only what was synced is safe from a power cut. */
function slowDisk() {
  const syncs: ((error: Error | null) => void)[] = [];
  const pauses = new Set<() => void>();
  const calls: string[] = [];
  const disk: AnchorDisk = {
    write: (fd, text, position) => {
      calls.push(`write ${position / 4096}`);
      return ANCHOR_DISK.write(fd, text, position);
    },
    sync: () => void calls.push('sync'),
    syncInBackground: (_fd, done) => {
      calls.push('begin');
      syncs.push(done);
    },
  };
  const anchor = new AnchorFile(
    file,
    (_ms, then) => {
      pauses.add(then);
      return () => pauses.delete(then);
    },
    disk,
  );
  const pass = (): void => {
    const due = [...pauses];
    pauses.clear();
    for (const then of due) then();
  };
  return { anchor, calls, syncs, pauses, pass };
}

describe('syncing in the background', () => {
  test('a write is readable at once, by another process too, and waits for no sync', async () => {
    const { anchor, calls } = slowDisk();
    anchor.write(anchorAt(1));
    expect(readAnchor(file)).toEqual(anchorAt(1));
    expect(calls).toEqual(['write 0']);
    await anchor.close();
  });

  test('many writes share one sync; one runs at a time; then another only if something was written meanwhile', async () => {
    const { anchor, calls, syncs, pass, pauses } = slowDisk();
    for (const head of [1, 2, 3]) anchor.write(anchorAt(head));
    pass();
    expect(calls.filter((call) => call === 'begin')).toHaveLength(1);
    for (const head of [4, 5]) anchor.write(anchorAt(head));
    expect(pauses.size).toBe(0);
    syncs.shift()?.(null);
    expect(pauses.size).toBe(1);
    pass();
    expect(calls.filter((call) => call === 'begin')).toHaveLength(2);
    syncs.shift()?.(null);
    expect(pauses.size).toBe(0);
    await anchor.close();
    expect(calls).not.toContain('sync');
  });

  test('the slot that is known to be on the disk is never written before another one is known to be', async () => {
    const { anchor, calls, syncs, pass } = slowDisk();
    anchor.writeDurably(anchorAt(1));
    const safe = calls[0];
    calls.length = 0;
    for (const head of [2, 3]) anchor.write(anchorAt(head));
    pass();
    const onItsWay = calls[0];
    expect(onItsWay).not.toBe(safe);
    calls.length = 0;
    for (const head of [4, 5, 6]) anchor.write(anchorAt(head));
    expect(new Set(calls).size).toBe(1);
    expect([safe, onItsWay]).not.toContain(calls[0]);
    // Now 3 is on the disk, and 1 may go.
    syncs.shift()?.(null);
    pass();
    calls.length = 0;
    anchor.write(anchorAt(7));
    expect(calls).toEqual([safe]);
    syncs.shift()?.(null);
    await anchor.close();
    expect(await opened()).toEqual(anchorAt(7));
  });

  test('close waits for the sync that runs and puts the rest on the disk', async () => {
    const { anchor, calls, syncs, pass } = slowDisk();
    anchor.write(anchorAt(1));
    pass();
    anchor.write(anchorAt(2));
    let closed = false;
    const closing = anchor.close().then(() => {
      closed = true;
    });
    await Promise.resolve();
    expect([closed, calls.includes('sync')]).toEqual([false, false]);
    syncs.shift()?.(null);
    await closing;
    expect(calls.at(-1)).toBe('sync');
  });

  test('a sync that fails is told, until a durable write goes well, and by close', async () => {
    const { anchor, syncs, pass } = slowDisk();
    const failure = new Error('EIO');
    anchor.write(anchorAt(1));
    pass();
    syncs.shift()?.(failure);
    expect(anchor.failure).toBe(failure);
    anchor.writeDurably(anchorAt(2));
    expect(anchor.failure).toBeNull();
    anchor.write(anchorAt(3));
    pass();
    syncs.shift()?.(failure);
    await expect(anchor.close()).rejects.toBe(failure);
    await anchor.close();
  });

  test('a write cut short by a full disk is an error, and the one before counts', async () => {
    await write(1);
    const anchor = new AnchorFile(file, never, { ...ANCHOR_DISK, write: (fd, text, at) => ANCHOR_DISK.write(fd, text.slice(0, 100), at) });
    expect(() => anchor.write(anchorAt(2))).toThrow('no space left');
    expect(anchor.anchor).toEqual(anchorAt(1));
    await anchor.close();
    expect(await opened()).toEqual(anchorAt(1));
  });
});
