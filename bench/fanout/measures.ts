/** Ways of publishing, the same for every side, and what is measured of them. */
import { setImmediate as nextTurn, setTimeout as after } from 'node:timers/promises';
import { sharedNow } from '../../tests/faults/kit/crowd_talk.ts';
import type { Crowd } from '../../tests/faults/kit/crowd.ts';
import { watchOthers } from './others.ts';
import type { Side } from './sides.ts';

export interface Round {
  /** Events received by viewers, per second, from the first publish until the last viewer has the last event. */
  perSecond: number;
  /** Processor time of the servers' process for each event a viewer received: steadier than time on a machine that does other things, too. */
  cpu_us: number;
  /** The same of the load generator: as long as it is the lower one, the server is what is measured. NaN when it stayed awake without need. */
  load_cpu_us: number;
  /** From published to received. */
  p50_ms: number;
  p99_ms: number;
  /** Share of the machine's processor time that other processes took. */
  others: number;
}

export interface Shape {
  /** Groups of events, each published in one go. */
  groups: number;
  /** Events in one. */
  events: number;
  pace: Pace;
}

type Pace =
  /**
   * The next group when the one before has been handed to all sockets and the event loop has had a turn, but never more than so many before
   * what was delivered: 1 waits until everybody has it, more keep the server busy.
   */
  | { ahead: number }
  /** At a steady rate, whatever has been delivered; those that have become due meanwhile together. */
  | { every_ms: number };

/** A timer may be so much late; the rest is waited for turn by turn. */
const TIMER_LATE_MS = 2;

export async function measure({ groups, events, pace }: Shape, crowd: Crowd, side: Side, viewers: number): Promise<Round> {
  await crowd.arm(side.name, events);
  const stopWatching = watchOthers();
  const before = process.cpuUsage();
  const begin = sharedNow();
  const groups_ms = 'ahead' in pace ? await inFlight(groups, pace.ahead) : await steadily(groups, pace.every_ms);
  await crowd.until(groups);
  const took_ms = sharedNow() - begin;
  const { user, system } = process.cpuUsage(before);
  const othersShare = stopWatching();
  const published_ms = groups_ms.flatMap((at) => Array.from({ length: events }, () => at));
  const { p50_ms, p99_ms, cpu_us } = await crowd.ask({ ask: 'latencies', group: side.name, published_ms }, 'latencies');
  const received = viewers * groups * events;
  const others = othersShare(user + system + cpu_us);
  const load_cpu_us = crowd.awake ? Number.NaN : cpu_us / received;
  return { perSecond: (received * 1_000) / took_ms, cpu_us: (user + system) / received, load_cpu_us, p50_ms, p99_ms, others };

  async function inFlight(count: number, ahead: number): Promise<number[]> {
    const at: number[] = [];
    while (at.length < count) {
      at.push(sharedNow());
      side.publish(events);
      await nextTurn();
      await crowd.until(at.length + 1 - ahead);
    }
    return at;
  }

  /** Timed from when each was due: that the server was busy is part of what a viewer waits. */
  async function steadily(count: number, every_ms: number): Promise<number[]> {
    const at: number[] = [];
    while (at.length < count) {
      const wait = begin + at.length * every_ms - sharedNow();
      if (wait > TIMER_LATE_MS) await after(wait - TIMER_LATE_MS);
      else if (wait > 0) await nextTurn();
      else {
        for (const now = sharedNow(); at.length < count && begin + at.length * every_ms <= now;) {
          at.push(begin + at.length * every_ms);
          side.publish(events);
        }
        await nextTurn();
      }
    }
    return at;
  }
}
