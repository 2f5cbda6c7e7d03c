/** A real run whose tests are the writer: begins when it is told to, and says afterwards what it wrote when. */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LogFacts, PaneHouse } from './pane_house.ts';
import { lines } from './writer.ts';

const WRITER = fileURLToPath(new URL('./writer.ts', import.meta.url));
/** A gate says what it runs before its child says anything. */
export const LINES_BEFORE = 1;
/** Hashed at a time. */
const PIECE_LINES = 10_000;

export interface Rate {
  lines_per_second: number;
  seconds: number;
}

/** [first line, ms since the epoch]: one for each time the child wrote. */
export type Stamps = readonly (readonly [n: number, at_ms: number])[];

export class WrittenRun {
  readonly run_id: number;
  /** The child writes. */
  readonly lines: number;
  /** Number of the last line of the log. */
  readonly last: number;
  readonly #house: PaneHouse;
  readonly #go: string;
  readonly #stamps: string;

  private constructor(house: PaneHouse, run_id: number, rate: Rate, go: string, stamps: string) {
    this.#house = house;
    this.run_id = run_id;
    this.lines = rate.lines_per_second * rate.seconds;
    this.last = this.lines + LINES_BEFORE;
    this.#go = go;
    this.#stamps = stamps;
  }

  /** Resolves when the run has begun; it writes nothing yet. */
  static async begin(house: PaneHouse, rate: Rate): Promise<WrittenRun> {
    const name = `${Date.now()}`;
    const [go, stamps] = [join(house.line.folder, `go-${name}`), join(house.line.folder, `stamps-${name}`)];
    const run_id = await house.run(`exec node ${WRITER} ${rate.lines_per_second} ${rate.seconds} ${go} ${stamps}\n`);
    return new WrittenRun(house, run_id, rate, go, stamps);
  }

  async go(): Promise<void> {
    await writeFile(this.#go, '');
  }

  /** Resolves when it has ended and nothing runs any more. @throws when the stored log is not what was written. */
  async ended(): Promise<{ log: LogFacts; stamps: Stamps }> {
    const log = await this.#house.passed(this.run_id);
    if (log.lines !== this.last || log.sha256 !== (await this.#hash()))
      throw new Error(`the log has ${log.lines} of ${this.last} lines, or other bytes`);
    return { log, stamps: JSON.parse(await readFile(this.#stamps, 'utf8')) as Stamps };
  }

  async #hash(): Promise<string> {
    const hash = createHash('sha256');
    const before = `/api/v1/runs/${this.run_id}/log/lines?from=1&count=${LINES_BEFORE}`;
    for (const { text } of ((await this.#house.server.get(before)) as { items: { text: string }[] }).items) hash.update(`${text}\n`);
    for (let n = 1; n <= this.lines; n += PIECE_LINES) hash.update(lines(n, Math.min(this.lines, n + PIECE_LINES - 1)));
    return hash.digest('hex');
  }
}

/** Of so many of the lines is told how old they were. */
const SAMPLES = 10_000;

/** Ages in ms of the child's lines, evenly taken, when they or a newer one were painted. @param painted [ms since the epoch, last of the child's lines on the screen]. */
export function agesOf({ lines }: WrittenRun, stamps: Stamps, painted: readonly (readonly [at_ms: number, n: number])[]): number[] {
  const ages: number[] = [];
  let [write, frame] = [0, 0];
  for (let i = 0; i < SAMPLES; i++) {
    const n = 1 + Math.floor((i * lines) / SAMPLES);
    while (write + 1 < stamps.length && stamps[write + 1]![0] <= n) write++;
    while (frame < painted.length && painted[frame]![1] < n) frame++;
    const [shown, written] = [painted[frame]?.[0], stamps[write]?.[1]];
    if (shown !== undefined && written !== undefined) ages.push(shown - written);
  }
  return ages;
}
