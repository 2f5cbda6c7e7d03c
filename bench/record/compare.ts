/** Recorder against bare node:sqlite in rounds by turns, so that whatever else the machine does hits both; the ratio is taken within each round. */
import { costOf, MEASURES, type Cost } from './cost.ts';
import { median } from '../../tests/faults/kit/median.ts';
import { line, whole } from './figures.ts';
import { floorSide } from './floor.ts';
import { backups, releaseLine } from './release_line.ts';
import { bareSide, recorderSide, sampleEnvelopes, type Line } from './sides.ts';

const HEADS = [
  'events',
  'in flight',
  'recorder events/s',
  'CPU µs each',
  'bare, given the text',
  'ratio',
  'of CPU',
  'bare, prints it',
  'ratio',
  'of CPU',
  'chains and folds',
  'ratio',
  'of CPU',
  'floor to bare',
  'rounds',
];
const LINES: readonly [string, Line][] = [
  ['same', backups],
  ['mixed', releaseLine],
];
/** Events of one round, by events in flight. */
const ROUND_EVENTS: readonly [number, number][] = [
  [1, 64],
  [64, 2_048],
  [1_024, 8_192],
];
/** However slow the machine is, it comes to an end; a few rounds there are always. */
const ROUNDS_AT_LEAST = 3;
const SAMPLES = 1_000;

/** @param budget_ms for each line of the table. */
export async function compare(rounds: number, budget_ms: number): Promise<void> {
  console.log(line(HEADS, HEADS));
  for (const [name, intents] of LINES) {
    const samples = await sampleEnvelopes(intents, SAMPLES);
    for (const [group, events] of ROUND_EVENTS) {
      const end = performance.now() + budget_ms;
      const [recorder, given, prints] = [await recorderSide(intents), bareSide('given', samples), bareSide('prints', samples)];
      const floor = floorSide(intents);
      const costs: [Cost, Cost, Cost, Cost][] = [];
      for (let round = -1; round < rounds && (round < ROUNDS_AT_LEAST || performance.now() < end); round++) {
        const each: [Cost, Cost, Cost, Cost] = [
          await recorder.record(events, group),
          await costOf(() => given.insert(events, group)),
          await costOf(() => prints.insert(events, group)),
          await floor.record(events, group),
        ];
        if (round >= 0) costs.push(each);
      }
      const rate = (side: 0 | 1 | 2 | 3): string => whole(median(costs.map((each) => (events * 1e6) / each[side].wall_us)));
      const ratios = (side: 1 | 2 | 3): string[] =>
        MEASURES.map((measure) => median(costs.map((each) => each[side][measure] / each[0][measure])).toFixed(2));
      const cpu = median(costs.map(([{ cpu_us }]) => cpu_us / events)).toFixed(2);
      const own = median(costs.map(([, , bare, least]) => bare.wall_us / least.wall_us)).toFixed(2);
      const sides = ([1, 2, 3] as const).flatMap((side) => [rate(side), ...ratios(side)]);
      const cells = [name, String(group), rate(0), cpu, ...sides, own, String(costs.length)];
      console.log(line(HEADS, cells));
      await recorder.close();
      given.close();
      prints.close();
      floor.close();
    }
  }
}
