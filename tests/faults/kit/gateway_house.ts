/**
 * The whole way of an event in one process: real recorder, SQLite log in a temp folder, fold, bus, gateway, and sockets on a loopback port.
 * What a case cannot make happen with the server process, because it has to hold a clock or count inside, it does here.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventBus } from '../../../server/bus/event_bus.ts';
import { systemClock, type Clock } from '../../../server/clock.ts';
import type { EventLog } from '../../../server/eventlog/port.ts';
import { createGateway, type Gateway } from '../../../server/gateway/gateway.ts';
import type { LogStore } from '../../../server/logstore/port.ts';
import type { Recorder } from '../../../server/recorder.ts';
import type { Envelope } from '../../../src/shared/protocol/envelope.ts';
import type { Event } from '../../../src/shared/protocol/events/event.ts';
import { openGround, type Ground } from './house_ground.ts';

export interface GatewayHouseOptions {
  /** Of gateway, recorder and stores. */
  clock?: Clock;
  /** Of the ring. Default the product's. */
  capacity?: number;
  /** Keeps the data in memory where the system has a place for that: for what writes much and asks nothing of the disk. */
  inMemory?: boolean;
  /** Of an earlier house, which this one continues as after a restart. `close` leaves it. Default a new one, which `close` removes. */
  folder?: string;
}

const MEMORY_FOLDER = '/dev/shm';

/** A new folder; who makes it removes it. */
export function houseFolder(inMemory = false): string {
  return mkdtempSync(join(inMemory && existsSync(MEMORY_FOLDER) ? MEMORY_FOLDER : tmpdir(), 'signalbox-house-'));
}

export class GatewayHouse {
  readonly folder: string;
  readonly log: EventLog;
  readonly logs: LogStore;
  readonly bus: EventBus<Envelope>;
  readonly recorder: Recorder;
  readonly gateway: Gateway;
  readonly port: number;
  /** The server's ends of all connections. */
  readonly sockets: ReadonlySet<Socket>;
  /** What was reported: nothing, when all is well. */
  readonly reports: readonly string[];
  /** Records the events as one commit. */
  readonly record: Ground['record'];
  readonly #undo: readonly (() => unknown)[];

  static async open({ clock = systemClock, capacity, inMemory = false, folder: given }: GatewayHouseOptions = {}): Promise<GatewayHouse> {
    const folder = given ?? houseFolder(inMemory);
    const ground = await openGround({ folder, clock, capacity });
    let port = 0;
    const { parts, report } = ground;
    const gateway = createGateway({ ...parts, guard: () => ({ publicUrl: null, port }), maxConnections: 2_000, report });
    const server = createServer();
    const sockets = new Set<Socket>();
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    server.on('upgrade', (request, socket, head) => gateway.handleUpgrade(request, socket, head));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
    const undo = [
      () => gateway.close(),
      () => new Promise((resolve) => server.close(resolve)),
      ...ground.undo,
      () => {
        if (given === undefined) rmSync(folder, { recursive: true, force: true });
      },
    ];
    return new GatewayHouse(ground, { folder, gateway, port, sockets }, undo);
  }

  private constructor(
    ground: Ground,
    parts: Pick<GatewayHouse, 'folder' | 'gateway' | 'port' | 'sockets'>,
    undo: readonly (() => unknown)[],
  ) {
    this.log = ground.log;
    this.logs = ground.logs;
    this.bus = ground.bus;
    this.recorder = ground.recorder;
    this.reports = ground.reports;
    this.record = ground.record;
    this.folder = parts.folder;
    this.gateway = parts.gateway;
    this.port = parts.port;
    this.sockets = parts.sockets;
    this.#undo = undo;
  }

  get head(): number {
    return this.log.bounds().head;
  }

  /** Bytes that wait in this process for the viewer who has most waiting. */
  get mostWaiting(): number {
    return Math.max(0, ...[...this.sockets].map(({ writableLength }) => writableLength));
  }

  /** Of a number on the metrics page. */
  metric(name: string): number {
    return this.gateway.metrics.find((metric) => metric.name === name)?.read() ?? Number.NaN;
  }

  async close(): Promise<void> {
    for (const step of this.#undo) await step();
  }
}

/** An event of about `bytes` bytes that changes the state only by being in it. */
export function filler(bytes = 0): Event {
  return { kind: 'story_blocked', story_id: 's', reason: 'x'.repeat(bytes) };
}
