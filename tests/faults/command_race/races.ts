/** The races: where each begins, what the hands do, and who may win. */
import type { Envelope } from '../../../src/shared/protocol/envelope.ts';
import type { seeded } from '../kit/case.ts';
import type { DeskHouse, Press, Reply } from './desk_house.ts';
import type { ToldLine } from './line_told.ts';

export type Chance = ReturnType<typeof seeded>;

/** What happens at once. */
export interface Start {
  presses: Press[];
  /** Something that is no press: the end of a run. */
  meanwhile?: () => Promise<void>;
  /** What is wrong with how it ended, one sentence each. `log` is what was recorded since the start. */
  judge: (ended: { replies: readonly Reply[]; log: readonly Envelope[] }) => string[];
}

export interface Race {
  name: string;
  /** People that staging asks. */
  approvals?: number;
  start: (line: ToldLine, chance: Chance, house: DeskHouse) => Promise<Start>;
}

const PEOPLE = ['local:Ana', 'local:Ben', 'local:Cem', 'local:Dora', 'local:Eve'];

/** Two to five presses, each of its own person with its own key; the first two are of different kinds. */
function hands(line: ToldLine, chance: Chance, ways: readonly { path: string; body: object }[]): Press[] {
  const count = 2 + chance.below(4);
  const presses = PEOPLE.slice(0, count).map((by, n): Press => {
    const way = n < ways.length ? ways[n] : chance.pick(ways);
    return { by, path: `/projects/${line.id}${way?.path}`, body: way?.body ?? {}, key: `${line.id}-${n}` };
  });
  return shuffled(presses, chance);
}

export function shuffled<T>(of: readonly T[], chance: Chance): T[] {
  return of
    .map((each) => ({ each, at: chance.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ each }) => each);
}

const won = (replies: readonly Reply[]): Reply[] => replies.filter(({ status }) => status === 202);
const count = (log: readonly Envelope[], kind: string): number => log.filter((e) => e.kind === kind).length;
const settled = (log: readonly Envelope[], run_id: number): Envelope[] =>
  log.filter((e) => 'run_id' in e && e.run_id === run_id && ['gate_done', 'run_cancelled'].includes(e.kind) && !isBlocked(e));
const isBlocked = (e: Envelope): boolean => JSON.stringify(e).includes('"status":"blocked"');
const at = (reply: Reply): number => Number(reply.body['seq_no']);
const refusal = (reply: Reply): Record<string, unknown> => (reply.body['refusal'] ?? {}) as Record<string, unknown>;

function oneWinner(replies: readonly Reply[]): string[] {
  const winners = won(replies);
  if (winners.length !== 1)
    return [`${winners.length} of ${replies.length} won, not one: ${winners.map(({ press }) => press.path).join(', ')}`];
  const [winner] = winners;
  // Whoever lost is told who won, unless the loser is told of a hold, a move or a decision of the winner's by another name.
  return replies
    .filter((reply) => reply !== winner && refusal(reply)['by'] !== winner?.press.by)
    .map((reply) => `${reply.press.by} lost against ${winner?.press.by}, and was told of ${String(refusal(reply)['by'])}`);
}

function some(log: readonly Envelope[], kind: string, wanted: number): string[] {
  const found = count(log, kind);
  return found === wanted ? [] : [`${found} ${kind} in the log, not ${wanted}`];
}

const confirmAgainstReject: Race = {
  name: 'confirm against reject',
  async start(line, chance) {
    const expect = await line.waiting();
    const run_id = line.gateRun('staging', 'manual_confirm');
    const ways = ['confirm', 'reject'].map((decision) => ({ path: '/confirm/staging', body: { decision, expect } }));
    return {
      presses: hands(line, chance, ways),
      judge: ({ replies, log }) => [
        ...oneWinner(replies),
        ...(settled(log, run_id).length === 1 ? [] : ['the gate was not settled once']),
        ...some(log, 'manual_confirm', 1),
      ],
    };
  },
};

const confirms: Race = {
  name: 'two confirms where two are needed, and one more from the same person',
  approvals: 2,
  async start(line, chance) {
    const expect = await line.waiting();
    const run_id = line.gateRun('staging', 'manual_confirm');
    const presses = hands(line, chance, [{ path: '/confirm/staging', body: { decision: 'confirm', expect } }]);
    const [first] = presses;
    if (first !== undefined) presses.push({ ...first, key: `${line.id}-again` });
    return {
      presses,
      judge: ({ replies, log }) => {
        const winners = won(replies);
        const people = new Set(winners.map(({ press }) => press.by));
        return [
          ...(winners.length === 2 && people.size === 2 ? [] : [`${winners.length} confirms of ${people.size} people counted, not 2 of 2`]),
          ...(settled(log, run_id).length === 1 ? [] : ['the gate was not settled once']),
        ];
      },
    };
  },
};

const promoteAgainstRollback: Race = {
  name: 'promote against rollback',
  async start(line, chance) {
    await line.inProduction();
    const before = await line.inProduction();
    const next = await line.confirmed();
    const ways = [
      { path: '/promote/production', body: { expect: next } },
      { path: '/rollback/production', body: { expect: before } },
    ];
    return {
      presses: hands(line, chance, ways),
      judge: ({ replies, log }) => [
        ...oneWinner(replies),
        ...(count(log, 'promote_requested') + count(log, 'rollback_requested') === 1 ? [] : ['not one move was begun']),
        ...some(log, 'deploy_start', 1),
      ],
    };
  },
};

const confirmOfTheReplaced: Race = {
  name: 'confirm of a release that is replaced meanwhile',
  async start(line, chance) {
    const seen = await line.waiting();
    const next = await line.build();
    const run_id = line.gateRun('staging', 'manual_confirm');
    const by = (path: string, body: object) => ({ path, body });
    const presses = hands(line, chance, [
      by('/promote/staging', { expect: next, version: next.version }),
      by('/confirm/staging', { decision: 'confirm', expect: seen }),
      by('/confirm/staging', { decision: 'confirm', expect: seen }),
    ]).filter(({ path, by: who }) => !path.includes('promote') || who === PEOPLE[0]);
    return {
      presses,
      judge: ({ replies, log }) => {
        const promote = replies.find(({ press }) => press.path.includes('promote'));
        const confirmed = won(replies).filter((reply) => reply !== promote);
        const wrong: string[] = [];
        if (confirmed.length > 1) wrong.push(`${confirmed.length} confirms counted`);
        // A confirm that came first made way for the next release, which goes in by itself before anybody can promote it.
        if (promote?.status !== 202 && confirmed.length === 0) wrong.push(`the promote was refused: ${JSON.stringify(promote?.body)}`);
        for (const reply of confirmed)
          if (promote !== undefined && at(reply) > at(promote)) wrong.push('a confirm counted for a release that was not seen');
        if (settled(log, run_id).length !== 1) wrong.push('the gate was not settled once');
        const meant = log.filter((e) => e.kind === 'manual_confirm' && 'version' in e && e.version !== seen.version);
        return meant.length === 0 ? wrong : [...wrong, 'a release was confirmed that nobody had seen'];
      },
    };
  },
};

const confirmAgainstRollback: Race = {
  name: 'confirm against rollback',
  async start(line, chance) {
    await line.confirmed();
    const expect = await line.waiting();
    const run_id = line.gateRun('staging', 'manual_confirm');
    const ways = [
      { path: '/rollback/staging', body: { expect } },
      { path: '/confirm/staging', body: { decision: 'confirm', expect } },
    ];
    return {
      presses: hands(line, chance, ways),
      judge: ({ replies, log }) => {
        const back = won(replies).filter(({ press }) => press.path.includes('rollback'));
        const confirmed = won(replies).filter((reply) => !back.includes(reply));
        const wrong: string[] = [];
        if (back.length !== 1) wrong.push(`${back.length} rollbacks were done, not one`);
        if (confirmed.length > 1) wrong.push(`${confirmed.length} confirms counted`);
        for (const reply of confirmed)
          if (back[0] !== undefined && at(reply) > at(back[0])) wrong.push('a confirm counted after the rollback');
        if (settled(log, run_id).length !== 1) wrong.push('the gate was not settled once');
        return [...wrong, ...some(log, 'rollback_requested', 1)];
      },
    };
  },
};

const sameKey: Race = {
  name: 'one key, sent many times at once and again',
  async start(line, chance) {
    const expect = await line.waiting();
    const [press] = hands(line, chance, [{ path: '/confirm/staging', body: { decision: chance.pick(['confirm', 'reject']), expect } }]);
    return {
      presses: press === undefined ? [] : Array.from({ length: 2 + chance.below(4) }, () => press),
      judge: ({ replies, log }) => [
        ...(won(replies).length === replies.length ? [] : ['not every copy got the answer of the first']),
        ...some(log, 'manual_confirm', 1),
      ],
    };
  },
};

const otherBody: Race = {
  name: 'one key for two things',
  async start(line, chance) {
    const expect = await line.waiting();
    const press = (decision: string): Press => ({
      by: chance.pick(PEOPLE),
      path: `/projects/${line.id}/confirm/staging`,
      body: { decision, expect },
      key: `${line.id}-0`,
    });
    return {
      presses: shuffled([press('confirm'), press('reject')], chance),
      judge: ({ replies, log }) => [
        ...(replies.filter(({ status }) => status === 422).length === 1 ? [] : ['the second thing was not answered with 422']),
        ...(won(replies).length === 1 ? [] : ['not one of two was done']),
        ...some(log, 'manual_confirm', 1),
        ...some(log, 'command_refused', 0),
      ],
    };
  },
};

const liftAgainstPromote: Race = {
  name: 'lift of a hold against promote',
  async start(line, chance) {
    await line.inProduction();
    const held = await line.inProduction();
    await line.pressed('/rollback/production', { expect: held });
    await line.deployed('production');
    const ways = [
      { path: '/lift-hold/production', body: { version: held.version, reason: 'looked into' } },
      { path: '/promote/production', body: { expect: held, version: held.version } },
    ];
    return {
      presses: hands(line, chance, ways),
      judge: ({ replies, log }) => {
        const lifted = won(replies).filter(({ press }) => press.path.includes('lift-hold'));
        const promoted = won(replies).filter((reply) => !lifted.includes(reply));
        const wrong: string[] = [];
        if (lifted.length !== 1) wrong.push(`${lifted.length} lifted the hold, not one`);
        if (promoted.length > 1) wrong.push(`${promoted.length} promotes were done`);
        for (const reply of promoted) if (lifted[0] !== undefined && at(reply) < at(lifted[0])) wrong.push('a held release was promoted');
        return [...wrong, ...some(log, 'release_released', 1), ...some(log, 'deploy_start', promoted.length)];
      },
    };
  },
};

const cancelAgainstEnd: Race = {
  name: 'cancel against the end of the run',
  async start(line, chance) {
    const seen = await line.confirmed();
    await line.pressed('/promote/production', { expect: seen });
    await line.deployed('production');
    const run_id = line.gateRun('production', 'e2e');
    const presses = hands(line, chance, [{ path: '', body: {} }]).map((press) => ({ ...press, path: `/runs/${run_id}/cancel` }));
    return {
      presses,
      meanwhile: () => (chance.next() < 0.5 ? line.gatePassed('production', 'e2e') : line.gateFailed('production', 'e2e')),
      judge: ({ replies, log }) => {
        const ends = settled(log, run_id);
        const winners = won(replies);
        const wrong = ends.length === 1 ? [] : [`the run has ${ends.length} ends`];
        if (winners.length > 1) wrong.push(`${winners.length} cancelled one run`);
        const cancelled = ends[0]?.kind === 'run_cancelled';
        return cancelled === (winners.length === 1) ? wrong : [...wrong, 'the answer and the log tell of different ends'];
      },
    };
  },
};

const heldDown: Race = {
  name: 'one lever pressed again and again, each time with a new key',
  async start(line, chance) {
    const lever = chance.pick(['promote', 'rollback', 'retry'] as const);
    if (lever === 'rollback') await line.inProduction();
    const there = lever === 'rollback' ? await line.inProduction() : await line.confirmed();
    if (lever === 'retry') {
      await line.pressed('/promote/production', { expect: there });
      await line.deployed('production');
      await line.gateFailed('production', 'e2e');
    }
    const path = { promote: '/promote/production', rollback: '/rollback/production', retry: '/gates/production/e2e/retry' }[lever];
    const kind = { promote: 'promote_requested', rollback: 'rollback_requested', retry: 'gate_retry_requested' }[lever];
    return {
      presses: hands(line, chance, [{ path, body: { expect: there } }]),
      judge: ({ replies, log }) => [...oneWinner(replies), ...some(log, kind, 1)],
    };
  },
};

export const RACES: readonly Race[] = [
  promoteAgainstRollback,
  confirmAgainstReject,
  sameKey,
  cancelAgainstEnd,
  confirmOfTheReplaced,
  confirms,
  confirmAgainstRollback,
  otherBody,
  liftAgainstPromote,
  heldDown,
];
