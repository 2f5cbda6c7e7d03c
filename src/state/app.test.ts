import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Command } from '../shared/protocol/commands.ts';
import { encodeFrame } from '../shared/protocol/codec.ts';
import type { FrameDown } from '../shared/protocol/frames.ts';
import { events, hello, ping, replayed, snapshotParts, stateAt } from '../transport/frames_for_tests.ts';
import { BEHIND_MS, PING_INTERVAL_MS, SILENT_MS, SPREAD_PER_VIEWER_MS, VIEWERS_ASSUMED } from '../transport/link_timing.ts';
import { SignalboxApp } from './app.svelte.ts';

const SECOND_MS = 1_000;
/** In which a page that has heard of no others comes back. */
const BACK_WITHIN_MS = VIEWERS_ASSUMED * SPREAD_PER_VIEWER_MS;
const rebuild = { command: 'rebuild', project: 'nowhere' } as Command;

/** The browser's, driven by the test; reconnecting-websocket is the real one. */
class FakeWebSocket extends EventTarget {
  static readonly CLOSING = 2;
  static made: FakeWebSocket[] = [];
  readyState = 0;
  binaryType = 'blob';
  bufferedAmount = 0;
  readonly sent: string[] = [];
  constructor() {
    super();
    FakeWebSocket.made.push(this);
  }
  send(data: string): void {
    this.sent.push(data);
  }
  close(): void {
    this.readyState = 3;
  }
  open(): void {
    this.readyState = 1;
    this.dispatchEvent(new Event('open'));
  }
  says(...frames: FrameDown[]): void {
    for (const frame of frames) this.dispatchEvent(new MessageEvent('message', { data: encodeFrame(frame) }));
  }
  breaks(code: number): void {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event('close'), { code, reason: '' }));
  }
}

class FakeButton extends EventTarget {}

let page: EventTarget & { document: EventTarget & { visibilityState: string } };
let app: SignalboxApp;
const made = (): number => FakeWebSocket.made.length;
const link = (): FakeWebSocket => FakeWebSocket.made.at(-1)!;
const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const reason = (): string => {
  const lever = app.lever(rebuild);
  return lever.allowed ? '' : lever.reason;
};

async function goLive(): Promise<void> {
  link().open();
  link().says(hello({ head: 5 }), ...snapshotParts(stateAt(5), 2), replayed(5));
  await pass(SECOND_MS);
  expect(app.connection.live).toBe(true);
}

beforeEach(async () => {
  vi.useFakeTimers();
  // A tab that is hidden gets no frame.
  vi.stubGlobal('requestAnimationFrame', () => 1);
  vi.stubGlobal('cancelAnimationFrame', () => undefined);
  vi.stubGlobal('WebSocket', FakeWebSocket);
  vi.stubGlobal('HTMLButtonElement', FakeButton);
  vi.stubGlobal('reportError', vi.fn());
  FakeWebSocket.made = [];
  page = Object.assign(new EventTarget(), {
    location: { protocol: 'http:', host: 'x', pathname: '/', search: '' },
    document: Object.assign(new EventTarget(), { visibilityState: 'visible' }),
  });
  app = new SignalboxApp(page as unknown as Window);
  app.start();
  await pass(0);
});
afterEach(() => {
  app.stop();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test('in a hidden tab events are folded by a timer, and only then the page is live', async () => {
  link().open();
  link().says(hello({ head: 5 }), ...snapshotParts(stateAt(5), 2), replayed(5));
  expect(app.connection.live).toBe(false);
  expect(app.dashboard.state.seq_no).toBe(0);
  await pass(SECOND_MS);
  expect(app.dashboard.state.seq_no).toBe(5);
  expect(app.connection.live).toBe(true);
});

test('half-open: ten seconds of silence, and the levers are off with the reason, and the link is replaced', async () => {
  await goLive();
  await pass(SILENT_MS - 2 * SECOND_MS);
  expect(app.connection.live).toBe(true);
  await pass(3 * SECOND_MS);
  expect(reason()).toMatch(/^No word from the server for 1\d s\..* Buttons are off until it answers/);
  await pass(BACK_WITHIN_MS);
  expect(made()).toBe(2);
  link().open();
  link().says(hello({ head: 5 }));
  expect(reason()).toContain('Buttons are off until then');
  link().says(replayed(5));
  await pass(SECOND_MS);
  expect(app.connection.live).toBe(true);
});

test('a ping is answered in the handler it arrives in', async () => {
  await goLive();
  link().says(ping(5));
  expect(link().sent.at(-1)).toBe(encodeFrame({ type: 'pong' }));
});

test('five seconds behind the head: the levers are off with the reason, and the link is replaced', async () => {
  await goLive();
  link().says(ping(9));
  await pass(BEHIND_MS - SECOND_MS);
  expect(app.connection.live).toBe(true);
  link().says(ping(9));
  await pass(2 * SECOND_MS);
  expect(app.connection.live).toBe(false);
  await pass(BACK_WITHIN_MS);
  expect(made()).toBe(2);
  link().open();
  link().says(hello({ head: 9 }), events(5, 9), replayed(9));
  await pass(SECOND_MS);
  expect(app.connection.live).toBe(true);
  expect(app.dashboard.state.seq_no).toBe(9);
});

test('a hole: off at once, asked for on the same link, on again when it is whole', async () => {
  await goLive();
  link().says(events(7, 8));
  expect(reason()).toBe('Catching up with the server. Buttons are off until then.');
  expect(link().sent.at(-1)).toContain('"after":5');
  link().says(events(5, 8), replayed(8));
  await pass(SECOND_MS);
  expect(app.connection.live).toBe(true);
  expect(app.dashboard.state.seq_no).toBe(8);
  expect(made()).toBe(1);
});

test('after a sleep the levers stay off until the server has been heard on a new link', async () => {
  await goLive();
  vi.setSystemTime(Date.now() + 3_600_000);
  page.document.dispatchEvent(new Event('visibilitychange'));
  expect(app.connection.live).toBe(false);
  await pass(0);
  expect(made()).toBe(2);
  link().open();
  expect(app.connection.live).toBe(false);
  link().says(hello({ head: 5 }), replayed(5));
  await pass(SECOND_MS);
  expect(app.connection.live).toBe(true);
});

describe('a page that lost its link', () => {
  beforeEach(async () => {
    await goLive();
    link().says({ ...ping(5), viewers: 500 });
    vi.spyOn(Math, 'random').mockReturnValue(0.9);
    link().breaks(1001);
    await pass(SECOND_MS);
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test('waits for its turn', async () => {
    expect(reason()).toMatch(/^Connection lost at .* Next try in 1\d s\.$/);
    expect(made()).toBe(1);
    await pass(500 * SPREAD_PER_VIEWER_MS);
    expect(made()).toBe(2);
  });

  test.each([
    ['the network is back', () => page.dispatchEvent(new Event('online'))],
    ['it is looked at', () => page.document.dispatchEvent(new Event('visibilitychange'))],
    ['it comes out of the cache', () => page.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }))],
    ['the operator presses Try now', () => app.retry()],
  ])('goes at once when %s', async (_, happens) => {
    happens();
    await pass(0);
    expect(made()).toBe(2);
  });

  test('does not go because it was hidden', async () => {
    page.document.visibilityState = 'hidden';
    page.document.dispatchEvent(new Event('visibilitychange'));
    await pass(0);
    expect(made()).toBe(1);
  });
});

test('what fails in a view stops the page: stale with a reason, never live again by itself', async () => {
  await goLive();
  app.viewFailed(new Error('defect'));
  expect(link().readyState).toBe(3);
  link().says(ping(5));
  await pass(PING_INTERVAL_MS);
  expect(reason()).toContain('This page failed and has stopped.');
  expect(app.connection.status).toBe('stale');
  expect(made()).toBe(1);
});

test('Enter that is held down presses a button once', () => {
  const press = (target: EventTarget, repeat: boolean): boolean => {
    const event = Object.assign(new Event('keydown', { cancelable: true }), { key: 'Enter', repeat });
    Object.defineProperty(event, 'target', { value: target });
    page.document.dispatchEvent(event);
    return event.defaultPrevented;
  };
  expect(press(new FakeButton(), false)).toBe(false);
  expect(press(new FakeButton(), true)).toBe(true);
  expect(press(new EventTarget(), true)).toBe(false);
});

test('another history is told until it was read', async () => {
  await goLive();
  page.dispatchEvent(new Event('online'));
  await pass(0);
  link().open();
  link().says(hello({ epoch: '2-b', head: 3 }), ...snapshotParts(stateAt(3), 1, '2-b'), replayed(3));
  await pass(SECOND_MS);
  expect(app.history.notices).toEqual([expect.stringContaining('another event log than before')]);
  // What the views hold is of the first.
  expect(app.histories).toBe(1);
  app.history.read();
  expect(app.history.notices).toEqual([]);
});
