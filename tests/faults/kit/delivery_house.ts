/**
 * Everything a reader can be served from, in one process and over real sockets: recorder, SQLite log, log store, fold, bus, gateway and HTTP on
 * one loopback port. It can be closed and opened again on the same folder, and its log can be trimmed or put back to an earlier copy in
 * between: what a reader comes back to is then a real file and no stand-in.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pino } from 'pino';
import type { EventBus } from '../../../server/bus/event_bus.ts';
import { systemClock, type Clock } from '../../../server/clock.ts';
import type { EventLog } from '../../../server/eventlog/port.ts';
import { createGateway } from '../../../server/gateway/gateway.ts';
import { createHttp } from '../../../server/http/http.ts';
import type { LogStore } from '../../../server/logstore/port.ts';
import type { Recorder } from '../../../server/recorder.ts';
import { fold } from '../../../src/shared/fold/fold.ts';
import { EMPTY_STATE, type State } from '../../../src/shared/fold/state.ts';
import type { Envelope } from '../../../src/shared/protocol/envelope.ts';
import type { Event } from '../../../src/shared/protocol/events/event.ts';
import { openGround, type Ground } from './house_ground.ts';

export interface DeliveryOptions {
  /** Of an earlier house; a new one when left out. */
  folder?: string;
  /** Of everything in it. */
  clock?: Clock;
  /** Lets in those who come through proxies on other ports. */
  anyHost?: boolean;
  /** The state at the floor of a trimmed log. */
  initial?: State;
  /** What HTTP reads the log through. */
  seen?: (log: EventLog) => Pick<EventLog, 'read' | 'bounds'>;
}

export class DeliveryHouse {
  readonly folder: string;
  readonly log: EventLog;
  readonly logs: LogStore;
  readonly recorder: Recorder;
  readonly bus: EventBus<Envelope>;
  /** Of HTTP and the gateway. */
  readonly server: Server;
  readonly port: number;
  /** What was reported: nothing, when all is well. */
  readonly reports: readonly string[];
  /** Records the events as one commit. */
  readonly record: Ground['record'];
  readonly #undo: (() => unknown)[];

  static async open(options: DeliveryOptions = {}): Promise<DeliveryHouse> {
    const { folder = mkdtempSync(join(tmpdir(), 'signalbox-delivery-')), clock = systemClock, initial = EMPTY_STATE } = options;
    const ground = await openGround({ folder, clock, initial });
    const { log, parts, reports, report } = ground;
    let port = 0;
    const gateway = createGateway({ ...parts, guard: () => ({ publicUrl: null, port }), maxConnections: 2_000, report });
    const http = createHttp({
      ...parts,
      log: options.seen?.(log) ?? log,
      desk: { submit: () => Promise.reject(new Error('no commands here')) },
      runs: { get: () => null, list: () => [] },
      compare: async () => ({ total: 0, commits: [] }),
      config: () => ({ public_url: null, projects: [] }),
      ready: () => ({ ok: true, why: null }),
      metrics: gateway.metrics,
      webRoot: null,
      port: () => port,
      logger: pino({ level: 'error' }, { write: (line: string) => void reports.push(line) }),
    });
    http.server.on('upgrade', (request, socket, head) => {
      if (options.anyHost === true) request.headers.host = `127.0.0.1:${port}`;
      gateway.handleUpgrade(request, socket, head);
    });
    await http.listen({ host: '127.0.0.1', port: 0 });
    port = (http.server.address() as AddressInfo).port;
    return new DeliveryHouse(ground, { folder, server: http.server, port }, [() => gateway.close(), () => http.close(), ...ground.undo]);
  }

  private constructor(ground: Ground, parts: Pick<DeliveryHouse, 'folder' | 'server' | 'port'>, undo: (() => unknown)[]) {
    this.log = ground.log;
    this.logs = ground.logs;
    this.recorder = ground.recorder;
    this.bus = ground.bus;
    this.reports = ground.reports;
    this.record = ground.record;
    this.folder = parts.folder;
    this.server = parts.server;
    this.port = parts.port;
    this.#undo = undo;
  }

  get head(): number {
    return this.log.bounds().head;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Commits of one event each, stored together as far as the recorder can. */
  async recordMany(count: number, event: (n: number) => Event = told): Promise<void> {
    await Promise.all(Array.from({ length: count }, (_, n) => this.record(event(n))));
  }

  /** Everything that is stored. */
  async all(): Promise<Envelope[]> {
    const found: Envelope[] = [];
    const { floor, head } = this.log.bounds();
    for (let after = floor; after < head;) {
      const { envelopes, upto } = await this.log.read(after, 1_000);
      found.push(...envelopes);
      after = upto;
    }
    return found;
  }

  /** Leaves the folder as it is. */
  async stop(): Promise<void> {
    for (const step of this.#undo.splice(0)) await step();
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** An event that changes the state only by being in it. */
export function told(n: number, bytes = 20): Event {
  return { kind: 'story_blocked', story_id: `s${n}`, reason: 'x'.repeat(bytes) };
}

/** Leaves out the rows of a stopped house's log that end at or before `seq_no`. @returns the floor. */
export function trim(folder: string, seq_no: number): number {
  const db = new DatabaseSync(join(folder, 'events.db'));
  try {
    const last = db.prepare('SELECT last_seq, hash FROM commit_rows WHERE last_seq <= ? ORDER BY last_seq DESC LIMIT 1').get(seq_no);
    const [floor, hash] = [last?.['last_seq'], last?.['hash']];
    if (typeof floor !== 'number' || typeof hash !== 'string') throw new Error(`no row ends at or before ${seq_no}`);
    db.prepare('UPDATE floor SET last_seq = ?, hash = ?').run(floor, hash);
    db.prepare('DELETE FROM commit_rows WHERE last_seq <= ?').run(floor);
    return floor;
  } finally {
    db.close();
  }
}

/** States of the fold after 0, 1, 2 … events. */
export function statesOf(envelopes: readonly Envelope[], initial: State = EMPTY_STATE): State[] {
  const states = [initial];
  for (const envelope of envelopes) states.push(fold(states.at(-1) ?? initial, envelope));
  return states;
}
