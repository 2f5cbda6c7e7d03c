/**
 * How far the log had come, kept outside the database: a damaged WAL loses its tail in silence, and `integrity_check` calls what is left
 * sound. Written after each commit and before anybody is told of it, so that it may trail the log but never leads it. Two slots in
 * blocks of their own are written in turn, so that a torn write spoils one and leaves the other.
 */
import { hash } from 'node:crypto';
import { closeSync, constants, fdatasyncSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

export interface Anchor {
  head: number;
  /** Chain hash at `head`. */
  hash: string;
  epoch: string;
}

const SLOT_BYTES = 512;
const SLOT_DISTANCE_BYTES = 4096;
const SLOTS = 2;
const SLOT = /^signalbox anchor 1 (?<turn>\d+) (?<head>\d+) (?<hash>[0-9a-f]{64}) (?<epoch>\S+) (?<checksum>[0-9a-f]{64})\n/;

interface Slot {
  turn: number;
  anchor: Anchor;
}

function print({ turn, anchor }: Slot): Buffer {
  const text = `signalbox anchor 1 ${turn} ${anchor.head} ${anchor.hash} ${anchor.epoch} `;
  const buffer = Buffer.alloc(SLOT_BYTES, ' ');
  buffer.write(`${text}${hash('sha256', text)}\n`);
  return buffer;
}

function parse(buffer: Buffer): Slot | null {
  const text = buffer.toString('latin1');
  const parts = SLOT.exec(text)?.groups;
  if (parts === undefined) return null;
  const { turn, head, hash: chain = '', epoch = '', checksum = '' } = parts;
  if (hash('sha256', text.slice(0, text.indexOf(checksum))) !== checksum) return null;
  return { turn: Number(turn), anchor: { head: Number(head), hash: chain, epoch } };
}

export class AnchorFile {
  readonly #fd: number;
  #newest: Slot | null;
  #closed = false;

  /** Makes the file when it is missing. */
  constructor(file: string) {
    this.#fd = openSync(file, constants.O_RDWR | constants.O_CREAT, 0o600);
    const slots = Array.from({ length: SLOTS }, (_, index) => this.#readSlot(index)).filter((slot) => slot !== null);
    this.#newest = slots.toSorted((a, b) => b.turn - a.turn)[0] ?? null;
    if (this.#newest === null) syncFolder(dirname(file));
  }

  /** The newest one that is whole; null when there is none. */
  get anchor(): Anchor | null {
    return this.#newest?.anchor ?? null;
  }

  /** Durable when it returns. @throws the file system's error; what `anchor` says then is unchanged. */
  write(anchor: Anchor): void {
    const slot = { turn: (this.#newest?.turn ?? 0) + 1, anchor };
    writeSync(this.#fd, print(slot), 0, SLOT_BYTES, (slot.turn % SLOTS) * SLOT_DISTANCE_BYTES);
    fdatasyncSync(this.#fd);
    this.#newest = slot;
  }

  /** Idempotent. */
  close(): void {
    if (!this.#closed) closeSync(this.#fd);
    this.#closed = true;
  }

  #readSlot(index: number): Slot | null {
    const buffer = Buffer.alloc(SLOT_BYTES);
    readSync(this.#fd, buffer, 0, SLOT_BYTES, index * SLOT_DISTANCE_BYTES);
    return parse(buffer);
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
