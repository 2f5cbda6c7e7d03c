/**
 * The way of a command through the real parts: route, desk, recorder, rules, SQLite log. No engine: what a run does is told as a fact, so that
 * a race has nothing in it but the hands of the operators and, where it is about that, one end of a run.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pino } from 'pino';
import { localAuthenticator } from '../../../server/auth/local.ts';
import { EventBus } from '../../../server/bus/event_bus.ts';
import { systemClock } from '../../../server/clock.ts';
import { openSqliteEventLog } from '../../../server/eventlog/sqlite.ts';
import type { EventLog } from '../../../server/eventlog/port.ts';
import { createHttp } from '../../../server/http/http.ts';
import { makeDecide } from '../../../server/pipeline/decide.ts';
import { createDesk } from '../../../server/pipeline/desk.ts';
import type { Fact } from '../../../server/pipeline/intent.ts';
import { Recorder } from '../../../server/recorder.ts';
import { RunMemory } from '../../../server/run_index.ts';
import { systemRandom } from '../../../server/uuid.ts';
import { fold } from '../../../src/shared/fold/fold.ts';
import { EMPTY_STATE, type State } from '../../../src/shared/fold/state.ts';
import type { Envelope } from '../../../src/shared/protocol/envelope.ts';
import { SYSTEM_ACTOR } from '../../../src/shared/protocol/ids.ts';

const PORT = 7766;

/** One press of a lever. */
export interface Press {
  by: string;
  /** After `/api/v1`. */
  path: string;
  body: object;
  key: string;
}

export interface Reply {
  press: Press;
  status: number;
  body: Record<string, unknown>;
}

export class DeskHouse {
  readonly folder: string;
  readonly #parts: { log: EventLog; recorder: Recorder; app: ReturnType<typeof createHttp> };
  /** A line for every defect that a part reported. */
  readonly reports: string[];

  private constructor(folder: string, parts: { log: EventLog; recorder: Recorder; app: ReturnType<typeof createHttp> }, reports: string[]) {
    this.folder = folder;
    this.#parts = parts;
    this.reports = reports;
  }

  static async open(folder = mkdtempSync(join(tmpdir(), 'signalbox-races-'))): Promise<DeskHouse> {
    const reports: string[] = [];
    const report = (what: string, error?: unknown): void => void reports.push(`${what}: ${String(error)}`);
    const log = await openSqliteEventLog({ folder, clock: systemClock, random: systemRandom });
    const bus = new EventBus<Envelope>({ report });
    const runs = new RunMemory();
    const recorder = await Recorder.open({
      log,
      clock: systemClock,
      random: systemRandom,
      decide: makeDecide(),
      fold,
      publish: (envelope) => void bus.publish(envelope),
      initial: EMPTY_STATE,
      report,
    });
    runs.observe(recorder.state());
    recorder.onCommit((state) => runs.observe(state));
    const repository = {
      head: async () => null,
      isEmpty: async () => true,
      describe: async () => null,
      checkout: async () => undefined,
      compare: async () => ({ total: 0, commits: [] }),
    };
    const app = createHttp({
      recording: recorder,
      desk: createDesk({ recording: recorder, repository: () => repository, branch: () => 'main' }),
      log,
      bus,
      logs: {
        stat: async () => null,
        lines: async () => null,
        place: async () => null,
        bytes: () => Readable.from([]),
        marks: async () => null,
        search: () => Readable.from([]),
        hits: async () => null,
        hitLines: async () => null,
      },
      authenticator: localAuthenticator(),
      runs,
      compare: async () => ({ total: 0, commits: [] }),
      config: () => ({ public_url: null, projects: [] }),
      clock: systemClock,
      bootId: 'races',
      version: '0.0.0',
      ready: () => ({ ok: true, why: null }),
      metrics: [],
      webRoot: null,
      port: () => PORT,
      logger: pino({ level: 'error' }, { write: (line: string) => void reports.push(line) }),
    });
    await app.ready();
    return new DeskHouse(folder, { log, recorder, app }, reports);
  }

  state(): State {
    return this.#parts.recorder.state();
  }

  async tell(fact: Fact): Promise<void> {
    await this.#parts.recorder.record({ type: 'fact', fact, actor: SYSTEM_ACTOR });
  }

  async press(press: Press): Promise<Reply> {
    const answer = await this.#parts.app.inject({
      method: 'POST',
      url: `/api/v1${press.path}`,
      headers: {
        host: `127.0.0.1:${PORT}`,
        'content-type': 'application/json',
        'idempotency-key': press.key,
        'x-signalbox-actor': press.by,
      },
      payload: JSON.stringify(press.body),
    });
    return { press, status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
  }

  /** What `GET /api/v1/commands/:key` tells. */
  async became(key: string): Promise<Record<string, unknown>> {
    const url = `/api/v1/commands/${key}`;
    return (await this.#parts.app.inject({ method: 'GET', url, headers: { host: `127.0.0.1:${PORT}` } })).json<Record<string, unknown>>();
  }

  async envelopes(after: number): Promise<Envelope[]> {
    const found: Envelope[] = [];
    for (let from = after; ;) {
      const { envelopes, upto } = await this.#parts.log.read(from, 1000);
      found.push(...envelopes);
      if (upto === from) return found;
      from = upto;
    }
  }

  /** As a server that stops and starts: another recorder over the same log. */
  async reopened(): Promise<DeskHouse> {
    await this.#stop();
    return DeskHouse.open(this.folder);
  }

  async close(): Promise<void> {
    await this.#stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #stop(): Promise<void> {
    await this.#parts.app.close();
    await this.#parts.recorder.close();
    await this.#parts.log.close();
  }
}
