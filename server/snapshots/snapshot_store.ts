/**
 * Snapshots: where the fold had come, beside the event log, so that a start reads only what came after. A snapshot is a shortcut and never
 * the truth. The invariant: one is used only when it is whole, was made by this very fold from envelopes of this protocol, and stands at an
 * envelope that this very log holds under the same number and id, in the same epoch. If it did not hold, screens would show a state that no
 * fold of the log gives, and levers would act on it. Whatever is wrong with one costs time (an older one, or the whole log) and never the
 * start. It refuses to repair one, and to keep more than `SNAPSHOTS_KEPT`.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { FOLD_VERSION } from '../../src/shared/fold/state.ts';
import { PROTOCOL_VERSION } from '../../src/shared/protocol/version.ts';
import type { EventLog } from '../eventlog/port.ts';
import { realDisk, type SnapshotDisk } from './disk.ts';
import { SNAPSHOT_FORMAT, type Header, type Snapshot } from './snapshot.ts';
import { endOf, isWhole, linesOf, readHeader, readSnapshot } from './snapshot_text.ts';

/** The newest, and one to fall back on. */
export const SNAPSHOTS_KEPT = 2;

const NAME = /^(?<seq_no>[1-9]\d{0,15})\.snapshot$/;
const nameOf = (seq_no: number): string => `${seq_no}.snapshot`;

export interface SnapshotStoreOptions {
  /** Made with the first snapshot. */
  folder: string;
  log: Pick<EventLog, 'read' | 'bounds'>;
  /** Receives a sentence when snapshots could not be used. */
  report: (message: string) => void;
  disk?: SnapshotDisk;
}

/** Why a snapshot is not used; the end of a sentence. */
class Unusable extends Error {}

export class SnapshotStore {
  readonly #folder: string;
  readonly #log: SnapshotStoreOptions['log'];
  readonly #report: (message: string) => void;
  readonly #disk: SnapshotDisk;
  /** Those that may serve a later start, oldest first. */
  #good: number[] = [];

  constructor({ folder, log, report, disk = realDisk }: SnapshotStoreOptions) {
    this.#folder = folder;
    this.#log = log;
    this.#report = report;
    this.#disk = disk;
  }

  /** The newest that agrees with the log, or null. Never rejects: what is wrong is reported, once for all of them. */
  async newest(): Promise<Snapshot | null> {
    const wrong: string[] = [];
    let found: Snapshot | null = null;
    const stored = await this.#stored(wrong);
    for (const [at, seq_no] of stored.entries()) {
      try {
        found = await this.#read(seq_no);
        this.#good = stored.slice(at, at + SNAPSHOTS_KEPT).toReversed();
        break;
      } catch (error) {
        wrong.push(
          `the one at event ${spoken(seq_no)} ${error instanceof Unusable ? error.message : `cannot be read (${because(error)})`}`,
        );
      }
    }
    if (wrong.length > 0) {
      const instead = found === null ? 'the whole history is read' : `the one at event ${spoken(found.seq_no)} is used`;
      this.#report(`A snapshot was not used: ${wrong.join('; ')}. Nothing is lost: ${instead} instead.`);
    }
    return found;
  }

  /** Durable when it resolves. Removes those that are no longer needed. @throws the disk's error, or the log's. */
  async write(snapshot: Snapshot): Promise<void> {
    const { seq_no } = snapshot;
    const header = await this.#header(snapshot);
    const path = join(this.#folder, nameOf(seq_no));
    await this.#disk.write(path, checked(linesOf(header, snapshot)));
    this.#good = [...this.#good.filter((each) => each < seq_no), seq_no].slice(-SNAPSHOTS_KEPT);
    const kept = new Set(this.#good.map(nameOf));
    for (const name of await this.#disk.list(this.#folder)) if (!kept.has(name)) await this.#disk.remove(join(this.#folder, name));
  }

  /** Newest first. */
  async #stored(wrong: string[]): Promise<number[]> {
    try {
      const names = await this.#disk.list(this.#folder);
      const numbers = names.flatMap((name) => NAME.exec(name)?.groups?.['seq_no'] ?? []).map(Number);
      return numbers.toSorted((a, b) => b - a);
    } catch (error) {
      wrong.push(`their folder cannot be read (${because(error)})`);
      return [];
    }
  }

  async #header({ seq_no, at_ms }: Snapshot): Promise<Header> {
    // From the log and not from the state: what is written down is that the log holds it.
    const id = await this.#idAt(seq_no);
    if (id === null) throw new Error(`the event log does not hold event ${seq_no}`);
    const { epoch } = this.#log.bounds();
    return { format: SNAPSHOT_FORMAT, fold_version: FOLD_VERSION, protocol: PROTOCOL_VERSION, epoch, seq_no, id, at_ms };
  }

  /** @throws Unusable, or the disk's error. */
  async #read(seq_no: number): Promise<Snapshot> {
    const file = await this.#disk.read(join(this.#folder, nameOf(seq_no)));
    let header: Header;
    try {
      header = readHeader(file);
    } catch {
      throw new Unusable('is damaged, or of another version of Signalbox');
    }
    if (!isWhole(file)) throw new Unusable('is damaged: its checksum is wrong');
    if (header.fold_version !== FOLD_VERSION)
      throw new Unusable(`was made by version ${header.fold_version} of the fold, and this is version ${FOLD_VERSION}`);
    if (header.protocol !== PROTOCOL_VERSION)
      throw new Unusable(`was made from events of protocol ${header.protocol}, and this is protocol ${PROTOCOL_VERSION}`);
    if (header.epoch !== this.#log.bounds().epoch) throw new Unusable('is of a history before events were lost or a backup was restored');
    if ((await this.#idAt(header.seq_no)) !== header.id) throw new Unusable('is of another history');
    return readSnapshot(file);
  }

  /** Null when the log does not hold that event. */
  async #idAt(seq_no: number): Promise<string | null> {
    const { floor, head } = this.#log.bounds();
    if (seq_no <= floor || seq_no > head) return null;
    const { envelopes } = await this.#log.read(seq_no - 1, 1);
    return envelopes[0]?.id ?? null;
  }
}

function* checked(lines: Iterable<string>): Generator<string> {
  const sum = createHash('sha256');
  for (const line of lines) {
    sum.update(line);
    yield line;
  }
  yield endOf(sum.digest('hex'));
}

function spoken(seq_no: number): string {
  return seq_no.toLocaleString('en');
}

function because(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
