/** A real run whose tests are the writer: begins when it is told to, and says afterwards what it wrote when. */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LogFacts, PaneHouse } from './pane_house.ts';
import { lines } from './writer.ts';

const WRITER = fileURLToPath(new URL('./writer.ts', import.meta.url));
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
  readonly lines: number;
  readonly #house: PaneHouse;
  readonly #go: string;
  readonly #stamps: string;

  private constructor(house: PaneHouse, run_id: number, rate: Rate, go: string, stamps: string) {
    this.#house = house;
    this.run_id = run_id;
    this.lines = rate.lines_per_second * rate.seconds;
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

  /** Resolves when it has ended and its release waits for a person. @throws when the stored log is not what was written. */
  async ended(): Promise<{ log: LogFacts; stamps: Stamps }> {
    const log = await this.#house.passed(this.run_id);
    if (log.lines !== this.lines || log.sha256 !== this.#hash())
      throw new Error(`the log has ${log.lines} of ${this.lines} lines, or other bytes`);
    return { log, stamps: JSON.parse(await readFile(this.#stamps, 'utf8')) as Stamps };
  }

  #hash(): string {
    const hash = createHash('sha256');
    for (let n = 1; n <= this.lines; n += PIECE_LINES) hash.update(lines(n, Math.min(this.lines, n + PIECE_LINES - 1)));
    return hash.digest('hex');
  }
}

/** Ages in ms of the lines of a stream when they, or a newer one, were painted: at so many lines, evenly. @param painted [ms since the epoch, last line on the screen]. */
export function agesOf(
  stamps: Stamps,
  painted: readonly (readonly [at_ms: number, n: number])[],
  lines: number,
  samples: number,
): number[] {
  const ages: number[] = [];
  let [write, frame] = [0, 0];
  for (let i = 0; i < samples; i++) {
    const n = 1 + Math.floor((i * lines) / samples);
    while (write + 1 < stamps.length && stamps[write + 1]![0] <= n) write++;
    while (frame < painted.length && painted[frame]![1] < n) frame++;
    const [shown, written] = [painted[frame]?.[0], stamps[write]?.[1]];
    if (shown !== undefined && written !== undefined) ages.push(shown - written);
  }
  return ages;
}
