/** How long a viewer who was away waits for what it missed, over the real gateway and a SQLite log, and how long that keeps the server from anything else. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { SUBPROTOCOL } from '../../src/shared/protocol/frames.ts';
import { filler, GatewayHouse } from '../../tests/faults/kit/gateway_house.ts';
import type { Asked } from '../../tests/faults/kit/crowd_talk.ts';
import type { Crowd } from '../../tests/faults/kit/crowd.ts';

const EVENT_BYTES = 100;
const COMMIT_EVENTS = 500;

export interface Resumed {
  how: string;
  /** From the handshake to the last event or the end of the snapshot. */
  took_ms: number;
  received_bytes: number;
  /** The longest the event loop of the server was held meanwhile. */
  held_ms: number;
  /** The most processor time of one turn of it: the same on a machine that does other things, too. */
  turn_cpu_ms: number;
}

/** @param missed events recorded while the viewers were away. @param times each is tried. */
export async function resume(crowd: Crowd, missed: number, times: number): Promise<Resumed[]> {
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
      const live = { path: '/events', protocol: SUBPROTOCOL, say: point, last: `{"type":"replayed","upto":${head},` };
      const plain = { path: '/events?after=1', protocol: null, say: null, last: `"seq_no":${head},` };
      all.push(await once(crowd, { port: house.port, ...live }, 'signalbox.v1, whichever is less'));
      all.push(await once(crowd, { port: house.port, ...plain }, 'plain stream, every event from the log'));
    }
    return all;
  } finally {
    await house.close();
  }
}

async function once(crowd: Crowd, viewer: Omit<Extract<Asked, { ask: 'resume' }>, 'ask'>, how: string): Promise<Resumed> {
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  const longest_turn_ms = watchTurns();
  const { took_ms, received_bytes } = await crowd.ask({ ask: 'resume', ...viewer }, 'resumed');
  loop.disable();
  return { how, took_ms, received_bytes, held_ms: loop.max / 1e6, turn_cpu_ms: longest_turn_ms() };
}

/** @returns what ends the watch and gives the longest turn. */
function watchTurns(): () => number {
  const now_us = (): number => {
    const { user, system } = process.threadCpuUsage();
    return user + system;
  };
  let [longest_us, before_us, over] = [0, now_us(), false];
  const look = (): void => {
    const at_us = now_us();
    longest_us = Math.max(longest_us, at_us - before_us);
    before_us = at_us;
    if (!over) setImmediate(look);
  };
  setImmediate(look);
  return () => {
    over = true;
    return longest_us / 1_000;
  };
}
