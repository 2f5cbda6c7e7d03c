/** What the houses stand on: real recorder, SQLite log, log store, fold and bus on one folder, and what a gateway and HTTP are made with. */
import { localAuthenticator } from '../../../server/auth/local.ts';
import { EventBus } from '../../../server/bus/event_bus.ts';
import type { Clock } from '../../../server/clock.ts';
import type { EventLog } from '../../../server/eventlog/port.ts';
import { openSqliteEventLog } from '../../../server/eventlog/sqlite.ts';
import { openLogStore } from '../../../server/logstore/log_store.ts';
import type { LogStore } from '../../../server/logstore/port.ts';
import { makeDecide } from '../../../server/pipeline/decide.ts';
import { Recorder } from '../../../server/recorder.ts';
import { systemRandom } from '../../../server/uuid.ts';
import { fold } from '../../../src/shared/fold/fold.ts';
import { EMPTY_STATE, type State } from '../../../src/shared/fold/state.ts';
import type { Envelope } from '../../../src/shared/protocol/envelope.ts';
import type { Event } from '../../../src/shared/protocol/events/event.ts';
import { ProjectId, SYSTEM_ACTOR } from '../../../src/shared/protocol/ids.ts';

export const PROJECT = ProjectId.parse('hello');

export interface GroundOptions {
  folder: string;
  /** Of everything on it. */
  clock: Clock;
  /** The state at the floor of a trimmed log. */
  initial?: State;
  /** Of the ring. Default the product's. */
  capacity?: number | undefined;
}

export interface Ground {
  log: EventLog;
  logs: LogStore;
  bus: EventBus<Envelope>;
  recorder: Recorder;
  /** What was reported: nothing, when all is well. */
  reports: string[];
  report: (what: string, error?: unknown) => void;
  /** For a gateway, and for HTTP. */
  parts: {
    bus: EventBus<Envelope>;
    log: EventLog;
    recording: Recorder;
    logs: LogStore;
    clock: Clock;
    authenticator: ReturnType<typeof localAuthenticator>;
    bootId: string;
    version: string;
  };
  /** Records the events as one commit. */
  record: (...events: Event[]) => Promise<void>;
  /** In this order, after what was made with the parts. */
  undo: (() => unknown)[];
}

export async function openGround({ folder, clock, initial = EMPTY_STATE, capacity }: GroundOptions): Promise<Ground> {
  const reports: string[] = [];
  const report = (what: string, error?: unknown): void => void reports.push(`${what}: ${String(error)}`);
  const log = await openSqliteEventLog({ folder, clock, random: systemRandom });
  const logs = await openLogStore({ folder: `${folder}/logs`, clock, report });
  await logs.recover();
  const bus = new EventBus<Envelope>({ report, ...(capacity === undefined ? {} : { capacity }) });
  const recorder = await Recorder.open({
    log,
    clock,
    random: systemRandom,
    decide: makeDecide(0),
    fold,
    publish: (envelope) => void bus.publish(envelope),
    initial,
    report,
  });
  return {
    log,
    logs,
    bus,
    recorder,
    reports,
    report,
    parts: { bus, log, recording: recorder, logs, clock, authenticator: localAuthenticator(), bootId: 'boot', version: '0.1.0' },
    async record(...events) {
      await recorder.record({ type: 'fact', fact: { fact: 'events', project: PROJECT, events }, actor: SYSTEM_ACTOR });
    },
    undo: [() => recorder.close(), () => bus.close(), () => logs.close(), () => log.close()],
  };
}
