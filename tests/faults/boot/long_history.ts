/**
 * A long history without the years it takes: release after release of the project `app` that is pushed, built, enters the first tier and fails
 * its tests there, in commits as the recorder makes them. It goes in through the event log's port, so that it is stored and chained like any
 * other, and it ends at rest: a server that starts over it owes nothing.
 */
import type { Config } from '../../../server/config/config.ts';
import { diffTopology } from '../../../server/config/topology.ts';
import type { Commit, EventLog } from '../../../server/eventlog/port.ts';
import { EMPTY_STATE } from '../../../src/shared/fold/state.ts';
import type { Envelope } from '../../../src/shared/protocol/envelope.ts';
import { ProjectId } from '../../../src/shared/protocol/ids.ts';

const DAY_MS = 86_400_000;
const SPAN_DAYS = 10;
const EVENTS_A_RELEASE = 7;
/** What the nodes answered, between two releases of the ten days. */
const OBSERVATIONS_A_RELEASE = 43;
const NODES = [
  ['staging', 'staging-1'],
  ['staging', 'staging-2'],
  ['production', 'prod-1'],
  ['production', 'prod-2'],
] as const;
const COMMITS_AT_A_TIME = 1_000;
const LOG = { bytes: 1_234, sha256: 'c'.repeat(64) };

export class LongHistory {
  /** Tells one history from another. */
  readonly #seed: number;
  #releases = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Key of the newest command in it. */
  get key(): string {
    return keyOf(this.#seed, this.#releases - 1);
  }

  /** Into an empty log: the line as the config draws it, then releases over ten days until the log holds `events` or a few more. */
  async begin(log: EventLog, config: Config, events: number, now_ms: number): Promise<void> {
    const began_ms = now_ms - SPAN_DAYS * DAY_MS;
    const at = new Date(began_ms).toISOString();
    const line = diffTopology(EMPTY_STATE, config).map((event, index): Envelope => {
      const seq_no = index + 1;
      return { seq_no, id: `${this.#seed}-${seq_no}`, at, project: ProjectId.parse(event.entity_id), ...event };
    });
    await log.append([{ first_seq: 1, envelopes: line }], { expect_head: 0 });
    await this.#append(log, events - line.length, OBSERVATIONS_A_RELEASE, began_ms, now_ms);
  }

  /** `events` more, or a few above it, all of them the kind that is the most work to fold: releases and nothing else. */
  async grow(log: EventLog, events: number, now_ms: number): Promise<void> {
    await this.#append(log, events, 0, now_ms, now_ms);
  }

  async #append(log: EventLog, events: number, observations: number, from_ms: number, to_ms: number): Promise<void> {
    const releases = Math.ceil(events / (EVENTS_A_RELEASE + observations));
    let commits: Commit[] = [];
    let next = log.bounds().head + 1;
    for (let n = 0; n < releases; n++) {
      const at_ms = Math.floor(from_ms + ((to_ms - from_ms) * n) / releases);
      commits.push(...releaseCommits(next, this.#releases++, at_ms, this.#seed));
      next += EVENTS_A_RELEASE;
      for (let nth = 0; nth < observations; nth++) commits.push(observation(next++, nth, at_ms, this.#seed));
      if (commits.length < COMMITS_AT_A_TIME && n < releases - 1) continue;
      await log.append(commits, { expect_head: log.bounds().head });
      commits = [];
    }
  }
}

function observation(seq_no: number, nth: number, at_ms: number, seed: number): Commit {
  const [tier, node] = NODES[nth % NODES.length] ?? NODES[0];
  const at = new Date(at_ms + 2).toISOString();
  const stamp = { seq_no, id: `${seed}-${seq_no}`, at, project: 'app', actor: 'system:pipeline' };
  const status = nth % 8 < 4 ? 'matching' : 'unreachable';
  return { first_seq: seq_no, envelopes: [{ ...stamp, kind: 'node_observed', tier, node, status, checked_at: at } as Envelope] };
}

function keyOf(seed: number, release: number): string {
  return `push-${seed}-${release}`;
}

function releaseCommits(first_seq: number, release: number, at_ms: number, seed: number): Commit[] {
  const sha = `${seed.toString(16).padStart(4, '0')}${release.toString(16).padStart(8, '0')}`.padEnd(40, '0');
  const version = `1.0.${release}+g${sha.slice(0, 12)}`;
  const key = keyOf(seed, release);
  const build = 1 + release * 2;
  const gate = build + 1;
  let seq_no = first_seq;
  const envelope = (actor: string, later_ms: number, fields: Record<string, unknown> & { kind: string }): Envelope =>
    ({
      seq_no,
      id: `${seed}-${seq_no++}`,
      at: new Date(at_ms + later_ms).toISOString(),
      project: 'app',
      actor,
      ...fields,
    }) as Envelope;
  const ben = (fields: Record<string, unknown> & { kind: string }): Envelope => envelope('local:Ben', 0, { ...fields, key });
  const done = (fields: Record<string, unknown> & { kind: string }): Envelope => envelope('system:pipeline', 1, fields);
  const place = { tier: 'host', version, sha };
  return [
    {
      first_seq,
      envelopes: [
        ben({ kind: 'rebuild_requested', sha, declared: `1.0.${release}`, subject: `change ${release}`, author: 'Ben' }),
        ben({ kind: 'build_start', sha, version, run_id: build }),
      ],
      key,
      body_hash: 'b'.repeat(64),
      answer: { status: 'applied', seq_no: first_seq, run_id: build },
    },
    {
      first_seq: first_seq + 2,
      envelopes: [
        done({ kind: 'build_ok', sha, version, elapsed_s: 2, run_id: build, log_ref: `/api/v1/runs/${build}/log`, ...LOG }),
        done({ kind: 'promote_requested', ...place, auto: true }),
        done({ kind: 'promote_complete', ...place }),
        done({ kind: 'gate_start', run_id: gate, ...place, gate: 'unit_tests', attempt: 1 }),
      ],
    },
    {
      first_seq: first_seq + 6,
      envelopes: [
        done({
          kind: 'gate_done',
          run_id: gate,
          ...place,
          gate: 'unit_tests',
          attempt: 1,
          outcome: {
            status: 'failed',
            log_ref: `/api/v1/runs/${gate}/log`,
            ...LOG,
            classification: { type: 'tests_failed', failed: 1, passed: 316, names: ['adds up'] },
            excerpt: ['not ok 2 - adds up', `expected ${release}`, 'got nothing'],
          },
        }),
      ],
    },
  ];
}
