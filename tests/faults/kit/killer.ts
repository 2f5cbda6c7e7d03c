/** kill -9, at random moments. One life: start, compare everything with what clients saw, work for a moment, die. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Asked, Found } from './case.ts';
import { median } from './median.ts';
import { verifyFolder } from './verify_folder.ts';
import { ServerUnderLoad } from './server_under_load.ts';

/** A life after the checks, ms: long enough for a build, a gate or a deploy to be in flight, whichever it hits. */
const LIFE_MS = [80, 900] as const;
/** Lives on one data folder, so that a check never reads more than some thousand events. */
const LIVES = 40;
const REPEATED = 3;

export async function killAtRandom({ runs, seed }: Asked): Promise<Found> {
  const violations: string[] = [];
  const starts_ms: number[] = [];
  let [acknowledged, shown, kills] = [0, 0, 0];
  for (let round = 0; kills < runs && violations.length === 0; round++) {
    const house = await ServerUnderLoad.make(seed * 1_000 + round);
    try {
      house.watch();
      await house.start();
      for (let life = 0; life < LIVES && kills < runs; life++, kills++) {
        house.press();
        if (life === 0 || house.random.next() < 0.4) house.push();
        await pause(LIFE_MS[0] + house.random.below(LIFE_MS[1] - LIFE_MS[0]));
        await house.server.kill();
        await house.operators.end();
        await house.start();
        const left = await house.orphans();
        await house.repeatCommands(REPEATED);
        const broken = [...left, ...(await house.check())];
        violations.push(...broken.map((each) => `seed ${seed}, round ${round}, kill ${life + 1}: ${each}`));
        // What is broken stays so: it would be told again after each further kill.
        if (broken.length > 0) break;
      }
      await house.server.kill();
      violations.push(...(await verifyFolder(house.line.data)).map((each) => `seed ${seed}, round ${round}: ${each}`));
      starts_ms.push(...house.starts_ms.slice(1));
      acknowledged += house.history.acknowledged;
      shown += house.history.shownEvents;
    } finally {
      violations.push(...(await house.remove()));
    }
  }
  return found();

  function found(): Found {
    const figure = `${kills} kills, ${acknowledged.toLocaleString('en')} commands acknowledged, ${shown.toLocaleString('en')} events shown; ready again in ${median(starts_ms).toFixed(0)} ms (median)`;
    return { runs: kills, violations, figure };
  }
}
