/**
 * What an event costs after a short and after a long history. All histories are open at once and take turns, so that whatever else the
 * machine does hits all of them; each was written through a recorder itself, and what is measured is folded as it really is.
 */
import { READ_LIMIT } from '../../server/eventlog/port.ts';
import { MEASURES, type Cost } from './cost.ts';
import { median } from '../../tests/faults/kit/median.ts';
import { line, whole } from './figures.ts';
import { releaseLine } from './release_line.ts';
import { recorderSide, type RecorderSide } from './sides.ts';

const HISTORIES_QUICK = [1_000, 10_000, 100_000];
const HISTORIES = [...HISTORIES_QUICK, 1_000_000];
const GROUP = 1_024;
/** A checkpoint of the WAL falls into most rounds. */
const ROUND_EVENTS = 4_096;
/** However slow the machine is, it comes to an end; a few rounds there are always. */
const ROUNDS_AT_LEAST = 3;
const HEADS = ['events of history', 'µs per event', 'to the shortest', 'CPU µs per event', 'to the shortest'];

interface FlatOptions {
  quick: boolean;
  rounds: number;
  budget_ms: number;
  /** Since the process began, when no round begins any more. */
  end_ms: number;
}

export async function flat({ quick, rounds, budget_ms, end_ms }: FlatOptions): Promise<void> {
  const histories = quick ? HISTORIES_QUICK : HISTORIES;
  const sides: RecorderSide[] = [];
  for (const events of histories) sides.push(await recorderSide(releaseLine, events));
  const costs: Cost[][] = [];
  const end = Math.min(performance.now() + budget_ms, end_ms);
  for (let round = -1; round < rounds && (round < ROUNDS_AT_LEAST || performance.now() < end); round++) {
    const taken = await inTurn(sides, round);
    if (round >= 0) costs.push(taken);
  }
  print(histories, costs);
  const longest = sides.at(-1);
  if (longest !== undefined) await readAll(longest);
  for (const side of sides) await side.close();
}

/** Another one begins in each round, and every other round goes backwards: whom a side comes after must not be what is measured. */
async function inTurn(sides: readonly RecorderSide[], round: number): Promise<Cost[]> {
  const order = sides.map((_, index) => (index + Math.max(0, round >> 1)) % sides.length);
  const taken = new Map<number, Cost>();
  for (const index of round % 2 === 0 ? order : order.toReversed()) {
    const side = sides[index];
    if (side !== undefined) taken.set(index, await side.record(ROUND_EVENTS, GROUP));
  }
  return sides.flatMap((_, index) => taken.get(index) ?? []);
}

/** How much dearer than after the shortest history is taken within each round, and the median of that. */
function print(histories: readonly number[], costs: readonly Cost[][]): void {
  console.log(line(HEADS, HEADS));
  const largest = { wall_us: 0, cpu_us: 0 };
  for (const [index, events] of histories.entries()) {
    const cells = MEASURES.flatMap((measure) => {
      const each = costs.map((round) => [round[index]?.[measure] ?? 0, round[0]?.[measure] ?? 0] as const);
      const more = median(each.map(([cost, shortest]) => cost / shortest - 1)) * 100;
      largest[measure] = Math.max(largest[measure], Math.abs(more));
      return [(median(each.map(([cost]) => cost)) / ROUND_EVENTS).toFixed(2), `${more > 0 ? '+' : ''}${more.toFixed(1)} %`];
    });
    console.log(line(HEADS, [whole(events), ...cells]));
  }
  console.log(
    `Largest deviation: ${largest.wall_us.toFixed(1)} % of time, ${largest.cpu_us.toFixed(1)} % of CPU time. Groups of ${GROUP}, ${costs.length} rounds of ${whole(ROUND_EVENTS)} events each.`,
  );
}

/** The whole history read as boot reads it, chain check included. */
async function readAll({ log }: RecorderSide): Promise<void> {
  const begin = performance.now();
  let events = 0;
  for (let after = 0; ;) {
    const commits = await log.readCommits(after, READ_LIMIT);
    const last = commits.at(-1);
    if (last === undefined) break;
    for (const { envelopes } of commits) events += envelopes.length;
    after = last.first_seq + last.envelopes.length - 1;
  }
  const seconds = (performance.now() - begin) / 1000;
  console.log(`Read ${whole(events)} events with the chain check in ${seconds.toFixed(2)} s: ${whole(events / seconds)} events/s.`);
}
