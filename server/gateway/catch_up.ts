/**
 * Brings a `signalbox.v1` viewer from where it was to the head of the log, and says so: the missing events, or a snapshot when that is less.
 * Its invariant: what it sends joins what the viewer has, or replaces it whole; `recovered` is true only for the first. Never silently short.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { encodeFrame } from '../../src/shared/protocol/codec.ts';
import type { EventFeed } from './event_feed.ts';
import { REPLAY_ALWAYS_CHARS } from './limits.ts';
import type { ReplayPage } from './replay_pages.ts';
import type { ViewerDeps } from './viewer_deps.ts';
import { textFrame } from './wire.ts';

type Deps = Pick<ViewerDeps, 'log' | 'recording' | 'pages' | 'snapshots' | 'counters'>;

/** @param recovered whether the feed's `upto` is a place in this log from which nothing was missed; else it gets a snapshot. Rejects when the log cannot be read. */
export async function catchUp(deps: Deps, feed: EventFeed, recovered: boolean): Promise<void> {
  if (!recovered) await sendSnapshot(deps, feed);
  let whole = recovered;
  for (;;) {
    if (deps.log.bounds().head <= feed.upto) break;
    await feed.roomForPage();
    const page = await deps.pages.after(feed.upto);
    if (page !== null && isLess(deps, page, deps.log.bounds().head - feed.upto)) await feed.givePage(page);
    else {
      await sendSnapshot(deps, feed);
      whole = false;
    }
    // The log is read in this thread: others want their turn between two pages.
    await nextTurn();
    feed.throwIfOver();
  }
  feed.outbox.write(textFrame(encodeFrame({ type: 'replayed', upto: feed.upto, recovered: whole })));
}

/** Whether `behind` events like those of the page are less to send than a snapshot. */
function isLess({ snapshots, recording, log }: Deps, { chars, items }: ReplayPage, behind: number): boolean {
  const expected = (chars / items.length) * behind;
  return expected <= REPLAY_ALWAYS_CHARS || expected <= snapshots.bytes(recording.state(), log.bounds().epoch);
}

async function sendSnapshot({ snapshots, recording, log, counters }: Deps, feed: EventFeed): Promise<void> {
  counters.snapshots++;
  const state = recording.state();
  const { upto } = feed;
  // A part is not a place: until the last one the viewer has what it had.
  const frames = snapshots.of(state, log.bounds().epoch);
  for (const [i, frame] of frames.entries()) await feed.send(frame, i === frames.length - 1 ? state.seq_no : upto);
}
