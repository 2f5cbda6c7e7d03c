/** How long a viewer who was away waits for what it missed, over the real gateway and a SQLite log, and how long that keeps the server from anything else. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { SUBPROTOCOL } from '../../src/shared/protocol/frames.ts';
import { Facts } from '../../tests/faults/kit/facts.ts';
import { filler, GatewayHouse } from '../../tests/faults/kit/gateway_house.ts';
import { RawWebSocket } from '../../tests/faults/kit/web_socket.ts';

const EVENT_BYTES = 100;
const COMMIT_EVENTS = 500;

export interface Resumed {
  how: string;
  /** From the handshake to the last event or the end of the snapshot. */
  took_ms: number;
  received_bytes: number;
  /** The longest the event loop was held meanwhile, the reading client in the same process included. */
  held_ms: number;
}

/** @param missed events recorded while the viewers were away. @param times each is tried. */
export async function resume(missed: number, times: number): Promise<Resumed[]> {
  const house = await GatewayHouse.open();
  try {
    await house.record(filler());
    const known = (await house.log.read(0, 1)).envelopes[0];
    for (let i = 0; i < missed; i += COMMIT_EVENTS)
      await house.record(...Array.from({ length: Math.min(COMMIT_EVENTS, missed - i) }, () => filler(EVENT_BYTES)));
    const { head, epoch } = house.log.bounds();
    const point = JSON.stringify({ type: 'resume', epoch, after: 1, id: known?.id ?? null });
    const all: Resumed[] = [];
    for (let i = 0; i < times; i++) {
      all.push(
        await once(house.port, '/events', SUBPROTOCOL, point, `{"type":"replayed","upto":${head},`, 'signalbox.v1, whichever is less'),
      );
      all.push(await once(house.port, '/events?after=1', null, null, `"seq_no":${head},`, 'plain stream, every event from the log'));
    }
    return all;
  } finally {
    await house.close();
  }
}

async function once(port: number, path: string, protocol: string | null, say: string | null, last: string, how: string): Promise<Resumed> {
  const facts = new Facts();
  let done = false;
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  const began = performance.now();
  const socket = await RawWebSocket.open(port, path, protocol, {
    text: (payload) => {
      if (!payload.subarray(0, 300).includes(last)) return;
      done = true;
      facts.changed();
    },
  });
  if (say !== null) socket.say(say);
  await facts.until('everything that was missed', () => done);
  const took_ms = performance.now() - began;
  loop.disable();
  socket.drop();
  return { how, took_ms, received_bytes: socket.bytes, held_ms: loop.max / 1e6 };
}
