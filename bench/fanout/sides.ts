/** The servers that are compared, in one process: each gets the same event and brings it to all its viewers. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Socket } from 'node:net';
import { Server as SocketIo } from 'socket.io';
import { WebSocketServer } from 'ws';
import { textFrame } from '../../server/gateway/wire.ts';
import { encodeEvents, encodePlain } from '../../src/shared/protocol/codec.ts';
import type { Envelope } from '../../src/shared/protocol/envelope.ts';
import type { Event } from '../../src/shared/protocol/events/event.ts';
import { GateId, RunId, TierId, Version } from '../../src/shared/protocol/ids.ts';
import { GatewayHouse } from '../../tests/faults/kit/gateway_house.ts';
import { PROJECT } from '../../tests/faults/kit/house_ground.ts';
import type { Telling } from '../../tests/faults/kit/counting_reader.ts';

export interface Side {
  name: string;
  telling: Telling;
  port: number;
  /** Publishes so many events, one after another in one go. */
  publish(count: number): void;
  close(): Promise<void>;
}

/** About 250 bytes as an envelope, as most are. */
const event: Event = {
  kind: 'gate_start',
  run_id: RunId.parse(4_711),
  tier: TierId.parse('production'),
  version: Version.parse('1.42.0+g1a2b3c4'),
  gate: GateId.parse('integration_tests'),
};

let seq_no = 0;
function nextEnvelope(): Envelope {
  seq_no++;
  const id = `019a8d5e-7b1c-7000-8000-${String(seq_no).padStart(12, '0')}`;
  return { seq_no, id, at: '2026-11-14T02:03:11.004Z', project: PROJECT, actor: 'system:pipeline', cause: 4_242, ...event };
}

/**
 * `ws` itself, with one frame built once for all and written to each socket.
 * @param inOne all of one go in one frame, the same bytes as the gateway's: what the kernel's writes alone take.
 */
export async function bareSide(inOne = false): Promise<Side> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  const sockets = new Set<Socket>();
  server.on('connection', (ws, { socket }) => {
    sockets.add(socket);
    ws.on('close', () => sockets.delete(socket));
  });
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    name: inOne ? 'bare ws, the same bytes in one frame' : 'bare ws, one pre-framed buffer',
    telling: 'bare',
    port: (server.address() as AddressInfo).port,
    publish(count) {
      const envelopes = Array.from({ length: count }, nextEnvelope);
      const texts = envelopes.map(encodePlain);
      const first = envelopes[0]?.seq_no ?? 0;
      for (const text of inOne ? [encodeEvents(first - 1, first + count - 1, texts)] : texts) {
        const frame = textFrame(text);
        for (const socket of sockets) socket.write(frame);
      }
    },
    async close() {
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}

export async function socketIoSide(): Promise<Side> {
  const http = createServer();
  const io = new SocketIo(http, { transports: ['websocket'], serveClient: false });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    name: 'socket.io',
    telling: 'socket.io',
    port: (http.address() as AddressInfo).port,
    publish(count) {
      for (let i = 0; i < count; i++) io.emit('event', nextEnvelope());
    },
    close: () => io.close(),
  };
}

/** The real gateway with all it does, fed by the bus. */
export async function gatewaySide(): Promise<Side> {
  const house = await GatewayHouse.open();
  let published = 0;
  return {
    name: 'signalbox gateway',
    telling: 'signalbox',
    port: house.port,
    publish(count) {
      for (let i = 0; i < count; i++) house.bus.publish({ ...nextEnvelope(), seq_no: ++published });
    },
    close: () => house.close(),
  };
}

/** The whole way: recorded, stored in SQLite and synced, folded, published, sent. */
export async function recorderSide(): Promise<Side> {
  const house = await GatewayHouse.open();
  return {
    name: 'signalbox, recorded and stored first',
    telling: 'signalbox',
    port: house.port,
    publish(count) {
      for (let i = 0; i < count; i++) void house.record(event);
    },
    close: () => house.close(),
  };
}
