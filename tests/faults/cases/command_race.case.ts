/**
 * Several hands on the levers at once, through routes, desk, recorder, rules and the SQLite log. Each race ends with one winner where there can
 * be one; who lost is told who and when; one effect is in the log; a repeated key gets the answer of the first; asking for the key tells the
 * same; and all of that is so after the log was closed and opened again.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Envelope } from '../../../src/shared/protocol/envelope.ts';
import { DeskHouse, type Reply } from '../command_race/desk_house.ts';
import { ToldLine } from '../command_race/line_told.ts';
import { RACES } from '../command_race/races.ts';
import { seeded, type FaultCase, type Found } from '../kit/case.ts';

/** Races in one log: enough for them to share batches and keys with others, few enough for the state to stay small. */
const RACES_IN_ONE_LOG = 20;
/** Turns of the event loop between the first press and the last, at most: in one batch of the recorder, or in several. */
const TURNS_APART = 4;

interface Remembered {
  race: string;
  first: Reply;
}

/** The answer without what is only about the moment of asking. */
function said({ status, body }: Reply): unknown {
  const { status: became, seq_no, run_id, refusal } = body;
  return status === 202 ? { status: became, seq_no, ...(run_id === undefined ? {} : { run_id }) } : { status: 'refused', seq_no, refusal };
}

/** Each run ends once, each key made one commit. */
function twice(log: readonly Envelope[]): string[] {
  const wrong: string[] = [];
  const ends = new Map<number, number>();
  const commits = new Map<string, Set<number>>();
  for (const e of log) {
    const final =
      /^(build_(ok|failed|aborted)|deploy_(ok|failed)|run_cancelled)$/.test(e.kind) ||
      (e.kind === 'gate_done' && !JSON.stringify(e).includes('"blocked"'));
    if (final && 'run_id' in e && typeof e.run_id === 'number') ends.set(e.run_id, (ends.get(e.run_id) ?? 0) + 1);
    if (e.key !== undefined) commits.set(e.key, (commits.get(e.key) ?? new Set()).add(e.cause ?? e.seq_no));
  }
  for (const [run_id, count] of ends) if (count > 1) wrong.push(`run ${run_id} ended ${count} times`);
  for (const [key, of] of commits) if (of.size > 1) wrong.push(`key ${key} made ${of.size} commits`);
  return wrong;
}

async function raced(house: DeskHouse, n: number, seed: number): Promise<{ violations: string[]; remembered: Remembered[] }> {
  const chance = seeded(seed * 100_003 + n);
  const race = RACES[n % RACES.length];
  if (race === undefined) throw new Error('there are no races');
  const line = new ToldLine(house, `race-${n}`);
  await line.draw(race.approvals);
  const { presses, meanwhile, judge } = await race.start(line, chance, house);
  const before = house.state().seq_no;
  const late = async <T>(what: () => Promise<T>): Promise<T> => {
    for (let turns = chance.below(TURNS_APART); turns > 0; turns--) await nextTurn();
    return what();
  };
  const other = meanwhile === undefined ? undefined : late(meanwhile);
  const replies = await Promise.all(presses.map((press) => late(() => house.press(press))));
  await other;

  const violations: string[] = [];
  const wrong = (what: string): void => void violations.push(`seed ${seed}, race ${n} (${race.name}): ${what}`);
  const log = await house.envelopes(before);
  judge({ replies, log }).forEach(wrong);
  twice(log).forEach(wrong);
  const first = new Map<string, Reply>();
  for (const reply of replies) {
    const { status, body, press } = reply;
    if (status === 422) continue;
    if (status !== 202 && status !== 409) wrong(`${press.path} was answered with ${status}: ${JSON.stringify(body)}`);
    const refusal = body['refusal'] as { by?: string; at?: string } | undefined;
    if (status === 409 && (refusal?.by === undefined || Number.isNaN(Date.parse(refusal.at ?? ''))))
      wrong(`${press.path} was refused without saying who and when: ${JSON.stringify(refusal)}`);
    const earlier = first.get(press.key);
    if (earlier === undefined) first.set(press.key, reply);
    else if (!isDeepStrictEqual(said(earlier), said(reply))) wrong(`key ${press.key} got two answers`);
  }
  for (const [key, reply] of first) {
    if (!isDeepStrictEqual(await house.became(key), said(reply))) wrong(`asking for key ${key} tells something else than its answer`);
    // The answer was lost on its way: the same press once more.
    if (!isDeepStrictEqual(said(await house.press(reply.press)), said(reply))) wrong(`key ${key} was answered otherwise the second time`);
  }
  if (house.state().seq_no !== before + log.length) wrong('a repeated key recorded something');
  return { violations, remembered: [...first.values()].map((reply) => ({ race: race.name, first: reply })) };
}

async function run({ runs, seed }: { runs: number; seed: number }): Promise<Found> {
  const violations: string[] = [];
  let presses = 0;
  for (let from = 0; from < runs; from += RACES_IN_ONE_LOG) {
    let house = await DeskHouse.open();
    try {
      const remembered: Remembered[] = [];
      for (let n = from; n < Math.min(runs, from + RACES_IN_ONE_LOG); n++) {
        const ended = await raced(house, n, seed);
        violations.push(...ended.violations);
        remembered.push(...ended.remembered);
      }
      presses += remembered.length;
      const [state, reports] = [house.state(), house.reports];
      house = await house.reopened();
      if (!isDeepStrictEqual(house.state(), state))
        violations.push(`seed ${seed}: the state is another one after reopening, from race ${from} on`);
      for (const { race, first } of remembered) {
        const wrong = `seed ${seed}, ${race}, key ${first.press.key}, after reopening:`;
        if (!isDeepStrictEqual(await house.became(first.press.key), said(first))) violations.push(`${wrong} asking tells something else`);
        if (!isDeepStrictEqual(said(await house.press(first.press)), said(first))) violations.push(`${wrong} answered otherwise`);
      }
      if (house.state().seq_no !== state.seq_no) violations.push(`seed ${seed}: a repeated key recorded something after reopening`);
      for (const line of [...reports, ...house.reports]) violations.push(`seed ${seed}: reported: ${line}`);
    } finally {
      await house.close();
    }
  }
  return { runs, violations, figure: `${presses} keys` };
}

export const faultCase: FaultCase = {
  name: 'Two hands on one lever: one winner, the other is told who and when, one effect, one answer a key',
  quick: 20,
  long: 1000,
  run,
  red_runs: 30,
  guards: [
    {
      name: 'the check of what the operator saw',
      file: 'src/shared/fold/can.ts',
      find: 'if (expect === undefined) return null;',
      replace: 'if (expect !== null) return null;',
    },
    {
      name: 'the look-up of the key',
      file: 'server/recorder/batch.ts',
      find: 'if (earlier !== undefined) return sameBody(',
      replace: 'if (earlier === null) return sameBody(',
    },
    {
      name: 'the first end of a run counts',
      file: 'server/pipeline/decide_fact.ts',
      find: 'const run = openRun(project, run_id);',
      replace: 'const run = project.runs.find((each) => each.run_id === run_id);',
    },
    {
      name: 'an ended run cannot be cancelled',
      file: 'src/shared/fold/can.ts',
      find: "if (run.status !== 'running' && run.status !== 'blocked') {",
      replace: "if (run.status === 'passed' && run.type === 'build') {",
    },
    {
      name: 'one body a key',
      file: 'server/recorder/batch.ts',
      find: 'if (earlier.body_hash === intent.body_hash) return',
      replace: 'if (intent.key !== null) return',
    },
  ],
};
