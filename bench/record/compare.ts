/** Recorder against bare node:sqlite in rounds by turns, so that whatever else the machine does hits both; the ratio is taken within each round. */
import { line, median, whole } from './figures.ts';
import { backups, releaseLine } from './release_line.ts';
import { bareSide, recorderSide, sampleTexts, type Line } from './sides.ts';

const HEADS = ['events', 'in flight', 'recorder events/s', 'bare, two columns', 'ratio', 'bare, five columns', 'ratio', 'rounds'];
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
const TEXTS = 1_000;

/** @param budget_ms for each line of the table. */
export async function compare(rounds: number, budget_ms: number): Promise<void> {
  console.log(line(HEADS, HEADS));
  for (const [name, intents] of LINES) {
    const texts = await sampleTexts(intents, TEXTS);
    for (const [group, events] of ROUND_EVENTS) {
      const end = performance.now() + budget_ms;
      const [recorder, two, five] = [await recorderSide(intents), bareSide('two', texts), bareSide('five', texts)];
      const times: [number, number, number][] = [];
      for (let round = -1; round < rounds && (round < ROUNDS_AT_LEAST || performance.now() < end); round++) {
        const taken: [number, number, number] = [
          await recorder.record(events, group),
          two.insert(events, group),
          five.insert(events, group),
        ];
        if (round >= 0) times.push(taken);
      }
      const rate = (side: 0 | 1 | 2): string => whole(median(times.map((taken) => (events * 1000) / taken[side])));
      const ratio = (side: 1 | 2): string => median(times.map((taken) => taken[side] / taken[0])).toFixed(2);
      console.log(line(HEADS, [name, String(group), rate(0), rate(1), ratio(1), rate(2), ratio(2), String(times.length)]));
      await recorder.close();
      two.close();
      five.close();
    }
  }
}
