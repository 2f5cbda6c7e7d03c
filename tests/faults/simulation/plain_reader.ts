/** A reader of the plain stream, from a position on: every event once and in order, every log as the file has it. */
import type { Envelope } from '../../../src/shared/protocol/envelope.ts';
import type { Door, ViewerChecks } from './ports.ts';
import type { Schedule } from './schedule.ts';
import { Wire } from './wire.ts';

const COME_BACK_MOST_MS = 3_000;

export class PlainReader {
  readonly name: string;
  upto = 0;
  readonly #schedule: Schedule;
  readonly #door: Door;
  readonly #checks: ViewerChecks;
  #wire: Wire | null = null;
  /** Offsets up to which each log was shown on this link. */
  readonly #offsets = new Map<number, number>();

  constructor(name: string, schedule: Schedule, door: Door, checks: ViewerChecks) {
    this.name = name;
    this.#schedule = schedule;
    this.#door = door;
    this.#checks = checks;
    this.#comeBack(0);
  }

  stall(on: boolean): void {
    this.#wire?.stall(on);
  }

  cut(known: boolean): void {
    this.#wire?.cut(known);
  }

  /** History was taken back to here. */
  rewind(seq_no: number): void {
    this.upto = Math.min(this.upto, seq_no);
    // What is still on its way tells of the history that is gone.
    this.cut(true);
  }

  #comeBack(ms: number): void {
    this.#wire = null;
    this.#offsets.clear();
    this.#schedule.after(this, ms, () => this.#connect());
  }

  #connect(): void {
    const upgrade = this.#door.upgrade();
    if (upgrade === null) return this.#comeBack(1 + this.#schedule.random.below(COME_BACK_MOST_MS));
    const wire: Wire = new Wire(this.#schedule, this.name, {
      opened: () => undefined,
      text: (text) => {
        if (wire === this.#wire) this.#text(JSON.parse(text) as { kind: string });
      },
      closed: () => {
        if (wire === this.#wire) this.#comeBack(1 + this.#schedule.random.below(COME_BACK_MOST_MS));
      },
    });
    this.#wire = wire;
    this.#door.wires.add(wire);
    wire.open(upgrade, `/events?after=${this.upto}`, null);
  }

  #text(item: {
    kind: string;
    seq_no?: number;
    run_id?: number;
    offset?: number;
    bytes?: number;
    text?: string;
    from?: number;
    to?: number;
  }): void {
    if (item.kind === 'lagged') return this.#checks.violated(`${this.name}: asked to be refilled and was told of ${JSON.stringify(item)}`);
    if (item.kind === 'log_gap') return void this.#offsets.set(item.run_id ?? 0, item.to ?? 0);
    if (item.seq_no === undefined) return this.#chunk(item);
    if (item.seq_no !== this.upto + 1) this.#checks.violated(`${this.name}: was given event ${item.seq_no} after ${this.upto}`);
    this.upto = item.seq_no;
    this.#checks.given(this.name, item as unknown as Envelope);
  }

  #chunk({ run_id = 0, offset = 0, bytes = 0, text = '' }: { run_id?: number; offset?: number; bytes?: number; text?: string }): void {
    const at = this.#offsets.get(run_id) ?? offset;
    if (at !== offset) this.#checks.violated(`${this.name}: the log of run ${run_id} goes on at ${offset}, not at ${at}`);
    if (this.#door.log(run_id, offset, offset + bytes) !== text)
      this.#checks.violated(`${this.name}: the log of run ${run_id} is not what its file has`);
    this.#offsets.set(run_id, offset + bytes);
  }
}
