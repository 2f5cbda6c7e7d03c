/** A house with real log, bus and fold in memory, and stand-ins where other rooms plug in. Only tests import this. */
import { Readable } from 'node:stream';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { fold } from '../../src/shared/fold/fold.ts';
import { EMPTY_STATE, type State } from '../../src/shared/fold/state.ts';
import type { Answer, Command } from '../../src/shared/protocol/commands.ts';
import type { Envelope, KnownEnvelope } from '../../src/shared/protocol/envelope.ts';
import type { Event } from '../../src/shared/protocol/events/event.ts';
import { ProjectId } from '../../src/shared/protocol/ids.ts';
import type { LogQuery, MarksAnswer, PackedStyle } from '../../src/shared/protocol/run_log.ts';
import { localAuthenticator } from '../auth/local.ts';
import { EventBus } from '../bus/event_bus.ts';
import { systemClock } from '../clock.ts';
import { memoryEventLog } from '../eventlog/memory.ts';
import type { HitsAsked, HitsFound, LogExtent, LogPlace, LogStat, LogStore, PlaceAsked, SomeLines } from '../logstore/port.ts';
import type { HttpDeps } from './deps.ts';
import { createHttp } from './http.ts';
import type { IndexedRun, RunQuery } from './run_index_port.ts';

export const SHA = 'a'.repeat(40);
export const PORT = 7766;
export const HOST = `127.0.0.1:${PORT}`;
const EPOCH = '1-test';
const FIRST_MS = Date.parse('2026-01-01T00:00:00.000Z');

export const TOPOLOGY = {
  branch: 'main',
  tiers: ['host', 'staging'].map((id) => ({
    id,
    auto_promote: false,
    canary: 'sequential',
    gates: [{ id: 'unit_tests', kind: 'command' }],
    nodes: [],
  })),
};

export interface House {
  app: ReturnType<typeof createHttp>;
  deps: HttpDeps;
  log: ReturnType<typeof memoryEventLog>;
  bus: EventBus<Envelope>;
  state: () => State;
  /** Stores, folds and publishes, as the recorder does. @param at_ms after the first event's time. */
  record(project: string, event: Event, at_ms?: number): Promise<KnownEnvelope>;
  submitted: { command: Command; actor: string; key: string | null }[];
  /** What the desk answers or throws next. */
  answer: { next: Answer | Error };
  answers: Map<string, Answer>;
  runs: IndexedRun[];
  runLogs: Map<number, { stat: LogStat; content: Buffer; lines: LogExtent & SomeLines; place: LogExtent & LogPlace }>;
  /** [from, count] asked of the log store. */
  linesAsked: [number, number][];
  placesAsked: PlaceAsked[];
  marks: Map<number, Omit<MarksAnswer, 'run_id'>>;
  /** How a search goes. */
  searching: { as: LogStore['search'] };
  hits: Map<number, HitsFound>;
  hitsAsked: [LogQuery, HitsAsked, AbortSignal][];
  logged: object[];
}

export async function openHouse(changes: Partial<HttpDeps> = {}): Promise<House> {
  const log = memoryEventLog({ epoch: EPOCH });
  const logged: object[] = [];
  const bus = new EventBus<Envelope>({ report: (_what, error) => void logged.push({ error }) });
  let state = EMPTY_STATE;
  const house: Omit<House, 'app' | 'deps'> = {
    log,
    bus,
    state: () => state,
    submitted: [],
    answer: { next: { status: 'applied', seq_no: 1, run_id: 7 } },
    answers: new Map(),
    runs: [],
    runLogs: new Map(),
    linesAsked: [],
    placesAsked: [],
    marks: new Map(),
    searching: { as: () => Readable.from([]) },
    hits: new Map(),
    hitsAsked: [],
    logged,
    async record(project, event, at_ms = 0) {
      const seq_no = log.bounds().head + 1;
      const envelope = {
        seq_no,
        id: `id-${seq_no}`,
        at: new Date(FIRST_MS + at_ms).toISOString(),
        project: ProjectId.parse(project),
        ...event,
      };
      await log.append([{ first_seq: seq_no, envelopes: [envelope] }], { expect_head: seq_no - 1 });
      state = fold(state, envelope);
      bus.publish(envelope);
      return envelope;
    },
  };
  const deps: HttpDeps = {
    recording: { state: () => state, answerOf: (key) => house.answers.get(key) ?? null },
    desk: {
      async submit(command, actor, key) {
        house.submitted.push({ command, actor, key });
        if (house.answer.next instanceof Error) throw house.answer.next;
        return house.answer.next;
      },
    },
    log,
    bus,
    logs: {
      stat: async (run_id) => house.runLogs.get(run_id)?.stat ?? null,
      lines: async (run_id, ...asked) => (house.linesAsked.push(asked), house.runLogs.get(run_id)?.lines ?? null),
      place: async (run_id, asked) => (house.placesAsked.push(asked), house.runLogs.get(run_id)?.place ?? null),
      bytes: (run_id, from, to) => Readable.from([house.runLogs.get(run_id)?.content.subarray(from, to) ?? Buffer.alloc(0)]),
      marks: async (run_id) => house.marks.get(run_id) ?? null,
      search: (...asked) => house.searching.as(...asked),
      hits: async (run_id, ...asked) => (house.hitsAsked.push(asked), house.hits.get(run_id) ?? null),
      async hitLines(run_id, ...asked) {
        house.hitsAsked.push(asked);
        const found = house.hits.get(run_id);
        return found === undefined ? null : { ...found, numbers: found.items.map(({ line }) => line.n) };
      },
    },
    authenticator: localAuthenticator(),
    runs: {
      get: (run_id) => house.runs.find((run) => run.run_id === run_id) ?? null,
      list: (query) => house.runs.filter((run) => fits(run, query)).slice(0, query.limit),
    },
    compare: async () => ({ total: 0, commits: [] }),
    config: () => ({ public_url: null, projects: [] }),
    clock: systemClock,
    bootId: 'boot-1',
    version: '0.1.0',
    ready: () => ({ ok: true, why: null }),
    metrics: [],
    webRoot: null,
    port: () => PORT,
    logger: pino({ level: 'error' }, { write: (line: string) => void logged.push(z.looseObject({}).parse(JSON.parse(line))) }),
    ...changes,
  };
  const app = createHttp(deps);
  onTestFinished(() => app.close());
  await app.ready();
  return { ...house, app, deps };
}

function fits(run: IndexedRun, { project, type, before }: RunQuery): boolean {
  return (
    (project === undefined || run.project === project) &&
    (type === undefined || run.type === type) &&
    (before === undefined || run.run_id < before)
  );
}

/** A house with one project, `hello`. */
export async function openHello(changes: Partial<HttpDeps> = {}): Promise<House> {
  const house = await openHouse({ config: () => ({ public_url: null, projects: [HELLO_CONFIG] }), ...changes });
  await house.record('hello', { kind: 'entity', action: 'created', entity_type: 'project', entity_id: 'hello', data: TOPOLOGY });
  return house;
}

export const HELLO_CONFIG: ReturnType<HttpDeps['config']>['projects'][number] = {
  id: ProjectId.parse('hello'),
  repo: '/nowhere',
  branch: 'main',
  env: {},
  secrets: [],
  build: { run: 'true', artifacts: [], timeout_ms: 1 },
  tiers: [],
  keep_releases: 1,
};

export function addLog(house: House, run_id: number, content: string | Buffer, closed = true): void {
  const bytes = Buffer.from(content);
  const extent = { bytes: bytes.length, lines: 2, closed };
  const stat: LogStat = {
    meta: { run_id, project: 'hello', type: 'gate' },
    ...extent,
    chunks: 1,
    ...{ first_at: FIRST_MS, last_at: FIRST_MS + 5, longest_pause_ms: 4, kept_until: null, kept_why: '' },
  };
  const items = [{ n: 1, offset: 0, bytes: 3, text: 'one' }];
  const lines = { ...extent, style: [-1, -1, 0] satisfies PackedStyle, items, times: [[1, FIRST_MS] satisfies [number, number]] };
  house.runLogs.set(run_id, { stat, content: bytes, lines, place: { ...extent, n: 2, offset: 4, at: null } });
}

export interface Reply {
  status: number;
  headers: Record<string, string | string[] | number | undefined>;
  text: string;
  body: Record<string, unknown>;
}

export async function ask(
  house: House,
  method: 'GET' | 'HEAD' | 'OPTIONS' | 'POST' | 'PUT',
  url: string,
  options: { headers?: Record<string, string>; payload?: string | object } = {},
): Promise<Reply> {
  const { headers = {}, payload } = options;
  const response = await house.app.inject({
    method,
    url,
    headers: { host: HOST, ...headers },
    ...(payload === undefined ? {} : { payload }),
  });
  const json = /[/+]json/.test(String(response.headers['content-type']));
  return {
    status: response.statusCode,
    headers: response.headers,
    text: response.body,
    body: json && response.body !== '' ? response.json() : {},
  };
}
