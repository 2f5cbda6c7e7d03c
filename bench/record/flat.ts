/**
 * What an event costs after a short and after a long history. All histories are open at once and take turns, so that whatever else the
 * machine does hits all of them; each was written through a recorder itself, and what is measured is folded as it really is.
 */
import { READ_LIMIT } from '../../server/eventlog/port.ts';
import { line, median, whole } from './figures.ts';
import { releaseLine } from './release_line.ts';
import { recorderSide, type RecorderSide } from './sides.ts';

const HISTORIES_QUICK = [1_000, 10_000, 100_000];
const HISTORIES = [...HISTORIES_QUICK, 1_000_000];
const GROUP = 1_024;
/** A checkpoint of the WAL falls into most rounds. */
const ROUND_EVENTS = 4_096;
/** However slow the machine is, it comes to an end; a few rounds there are always. */
const ROUNDS_AT_LEAST = 3;
const HEADS = ['events of history', 'µs per event', 'to the shortest'];

export async function flat({ quick, rounds, budget_ms }: { quick: boolean; rounds: number; budget_ms: number }): Promise<void> {
  const histories = quick ? HISTORIES_QUICK : HISTORIES;
  const sides: RecorderSide[] = [];
  for (const events of histories) {
    sides.push(await recorderSide(releaseLine, events));
  }
  const costs = histories.map((): number[] => []);
  const end = performance.now() + budget_ms;
  for (let round = -1; round < rounds && (round < ROUNDS_AT_LEAST || performance.now() < end); round++) {
    for (const [index, side] of sides.entries()) {
      const us = ((await side.record(ROUND_EVENTS, GROUP)) * 1000) / ROUND_EVENTS;
      if (round >= 0) costs[index]?.push(us);
    }
  }
  console.log(line(HEADS, HEADS));
  const medians = costs.map(median);
  const shortest = medians[0] ?? 0;
  for (const [index, us] of medians.entries())
    console.log(
      line(HEADS, [whole(histories[index] ?? 0), us.toFixed(2), `${us > shortest ? '+' : ''}${((us / shortest - 1) * 100).toFixed(1)} %`]),
    );
  const largest = Math.max(...medians.map((us) => Math.abs(us / shortest - 1)));
  console.log(
    `Largest deviation: ${(largest * 100).toFixed(1)} %. Groups of ${GROUP}, medians of ${costs[0]?.length ?? 0} rounds of ${whole(ROUND_EVENTS)} events.`,
  );
  const longest = sides.at(-1);
  if (longest !== undefined) await readAll(longest);
  for (const side of sides) await side.close();
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
