import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AnchorFile, type Anchor } from './anchor.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-anchor-'));
  file = join(folder, 'anchor');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const anchorAt = (head: number): Anchor => ({ head, hash: String(head % 10).repeat(64), epoch: '1-abc' });

function write(...heads: number[]): void {
  const anchor = new AnchorFile(file);
  for (const head of heads) anchor.write(anchorAt(head));
  anchor.close();
  anchor.close();
}

function read(): Anchor | null {
  const anchor = new AnchorFile(file);
  anchor.close();
  return anchor.anchor;
}

function spoil(offset: number): void {
  const bytes = readFileSync(file);
  bytes.writeUInt8(bytes.readUInt8(offset) ^ 1, offset);
  writeFileSync(file, bytes);
}

test('a new file has no anchor; then the newest one counts, across opens, a lower head too', () => {
  expect(read()).toBeNull();
  write(1);
  expect(read()).toEqual(anchorAt(1));
  write(2, 3, 4);
  expect(read()).toEqual(anchorAt(4));
  write(2);
  expect(read()).toEqual(anchorAt(2));
});

test('a spoilt slot leaves the one before', () => {
  write(7, 8);
  // The second write went to the first slot: turns are counted from one.
  spoil(40);
  expect(read()).toEqual(anchorAt(7));
  write(9);
  expect(read()).toEqual(anchorAt(9));
});

test('two spoilt slots are no anchor', () => {
  write(7, 8);
  spoil(40);
  spoil(4096 + 40);
  expect(read()).toBeNull();
});
