/**
 * How far the log had come, kept outside the database: a damaged WAL loses its tail in silence, and `integrity_check` calls what is left
 * sound. Written after each commit and before anybody is told of it, so that it may trail the log but never leads it.
 *
 * A write is handed to the kernel at once and put on the disk in the background, since syncing it took as long as the commit itself: after a
 * killed process it is exact, after a power cut it may be some tens of milliseconds old. Three slots in blocks of their own, because a write may be
 * torn: one is known to be on the disk and stays untouched, one may be on its way there, the third takes the writes meanwhile.
 */
import { hash } from 'node:crypto';
import { closeSync, constants, fdatasync, fdatasyncSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

export interface Anchor {
  head: number;
  /** Chain hash at `head`. */
  hash: string;
  epoch: string;
}

/** Between the end of a sync in the background and the begin of the next. */
export const ANCHOR_SYNC_PAUSE_MS = 50;

const SLOT_BYTES = 512;
const SLOT_DISTANCE_BYTES = 4096;
const SLOTS = 3;
const SLOT = /^signalbox anchor 1 (?<turn>\d+) (?<head>\d+) (?<hash>[0-9a-f]{64}) (?<epoch>\S+) (?<checksum>[0-9a-f]{64})\n/;

interface Slot {
  index: number;
  turn: number;
  anchor: Anchor;
}

function print(turn: number, anchor: Anchor): string {
  const text = `signalbox anchor 1 ${turn} ${anchor.head} ${anchor.hash} ${anchor.epoch} `;
  return `${text}${hash('sha256', text)}\n`.padEnd(SLOT_BYTES);
}

function parse(buffer: Buffer, index: number): Slot | null {
  const text = buffer.toString('latin1');
  const parts = SLOT.exec(text)?.groups;
  if (parts === undefined) return null;
  const { turn, head, hash: chain = '', epoch = '', checksum = '' } = parts;
  if (hash('sha256', text.slice(0, text.indexOf(checksum))) !== checksum) return null;
  return { index, turn: Number(turn), anchor: { head: Number(head), hash: chain, epoch } };
}

function readSlots(fd: number): Slot[] {
  const slots = Array.from({ length: SLOTS }, (_, index) => {
    const buffer = Buffer.alloc(SLOT_BYTES);
    readSync(fd, buffer, 0, SLOT_BYTES, index * SLOT_DISTANCE_BYTES);
    return parse(buffer, index);
  });
  return slots.filter((slot) => slot !== null).toSorted((a, b) => b.turn - a.turn);
}

/** The newest whole anchor in a file, without touching it; null when it has none. @throws the file system's error, ENOENT included. */
export function readAnchor(file: string): Anchor | null {
  const fd = openSync(file, constants.O_RDONLY);
  try {
    return readSlots(fd)[0]?.anchor ?? null;
  } finally {
    closeSync(fd);
  }
}

/** The calls that can fail, so that a test can make them fail. */
export interface AnchorDisk {
  /** @returns the bytes written. */
  write(fd: number, text: string, position: number): number;
  sync(fd: number): void;
  syncInBackground(fd: number, done: (error: Error | null) => void): void;
}

export const ANCHOR_DISK: AnchorDisk = {
  write: (fd, text, position) => writeSync(fd, text, position, 'latin1'),
  sync: fdatasyncSync,
  syncInBackground: fdatasync,
};

/** Calls `then` once, after a while. @returns its undo. */
export type After = (ms: number, then: () => void) => () => void;

export class AnchorFile {
  readonly #fd: number;
  readonly #after: After;
  readonly #disk: AnchorDisk;
  #newest: Anchor | null;
  #turn: number;
  /** The slot that takes the writes, and the one that is known to be on the disk. */
  #current = 0;
  #safe = 0;
  #background: 'idle' | 'waiting' | 'syncing' = 'idle';
  /** There are writes that no sync, not even one that runs, is known to take along. */
  #dirty = false;
  #stopWaiting: () => void = () => undefined;
  #synced: Promise<void> = Promise.resolve();
  #failure: Error | null = null;
  #closed = false;

  /** Makes the file when it is missing. */
  constructor(file: string, after: After, disk: AnchorDisk = ANCHOR_DISK) {
    this.#after = after;
    this.#disk = disk;
    this.#fd = openSync(file, constants.O_RDWR | constants.O_CREAT, 0o600);
    const newest = readSlots(this.#fd)[0];
    this.#newest = newest?.anchor ?? null;
    this.#turn = newest?.turn ?? 0;
    this.#safe = newest?.index ?? SLOTS - 1;
    this.#current = this.#freeBeside(this.#safe);
    if (newest === undefined) syncFolder(dirname(file));
  }

  /** The newest one that is whole; null when there is none. */
  get anchor(): Anchor | null {
    return this.#newest;
  }

  /** What the last sync in the background met; the anchor may then not be on the disk. Null after a `writeDurably` that went well. */
  get failure(): Error | null {
    return this.#failure;
  }

  /** In the kernel when it returns, on the disk soon after. @throws the file system's error; what `anchor` says then is unchanged. */
  write(anchor: Anchor): void {
    this.#put(anchor);
    if (this.#background === 'idle') this.#syncSoon();
  }

  /** On the disk when it returns. @throws the file system's error. */
  writeDurably(anchor: Anchor): void {
    this.#put(anchor);
    this.#syncNow();
  }

  /** As `writeDurably`, and nothing older is left in any slot. Not while syncs may run in the background. @throws the file system's error. */
  replace(anchor: Anchor): void {
    for (let slot = 0; slot < SLOTS; slot++) {
      this.writeDurably(anchor);
      this.#current = (this.#safe + 1) % SLOTS;
    }
  }

  /** Waits for what is on its way and puts the rest on the disk. Idempotent. @throws the file system's error, the file being closed all the same. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopWaiting();
    await this.#synced;
    try {
      if (this.#dirty) this.#disk.sync(this.#fd);
    } finally {
      closeSync(this.#fd);
    }
    if (this.#failure !== null) throw this.#failure;
  }

  #put(anchor: Anchor): void {
    const written = this.#disk.write(this.#fd, print(this.#turn + 1, anchor), this.#current * SLOT_DISTANCE_BYTES);
    if (written !== SLOT_BYTES) throw Object.assign(new Error('no space left for the anchor file'), { code: 'ENOSPC' });
    this.#turn += 1;
    this.#newest = anchor;
    this.#dirty = true;
  }

  /** While a sync runs its slot is not known to be on the disk: the next writes go beside it and beside the safe one. */
  #syncNow(): void {
    this.#disk.sync(this.#fd);
    this.#failure = null;
    this.#dirty = false;
    if (this.#background !== 'syncing') this.#turnOver(this.#current);
  }

  #turnOver(synced: number): void {
    this.#safe = synced;
    if (this.#current === synced) this.#current = this.#freeBeside(synced);
  }

  #freeBeside(...taken: number[]): number {
    return [0, 1, 2].find((slot) => !taken.includes(slot)) ?? 0;
  }

  #syncSoon(): void {
    this.#background = 'waiting';
    this.#stopWaiting = this.#after(ANCHOR_SYNC_PAUSE_MS, () => {
      if (this.#dirty) this.#synced = this.#sync();
      else this.#background = 'idle';
    });
  }

  #sync(): Promise<void> {
    const syncing = this.#current;
    this.#background = 'syncing';
    this.#dirty = false;
    this.#current = this.#freeBeside(syncing, this.#safe);
    return new Promise((resolve) => {
      this.#disk.syncInBackground(this.#fd, (error) => {
        if (error === null) this.#turnOver(syncing);
        else this.#failure = error;
        this.#background = 'idle';
        if (this.#dirty && !this.#closed && error === null) this.#syncSoon();
        resolve();
      });
    });
  }
}

/** A new file survives a power cut only once its folder is synced. */
function syncFolder(folder: string): void {
  const fd = openSync(folder, constants.O_RDONLY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
