import { describe, expect, test } from 'vitest';
import { EventBus } from './event_bus.ts';

/** A bus whose deadlines pass when the test says so. */
function listening() {
  const reports: { what: string; error: unknown }[] = [];
  const timers = new Set<() => void>();
  const bus = new EventBus<string>({
    report: (what, error) => reports.push({ what, error }),
    after: (_ms, then) => {
      timers.add(then);
      return () => timers.delete(then);
    },
  });
  const passDeadline = (): void => {
    for (const then of [...timers]) then();
  };
  return { bus, reports, timers, passDeadline };
}

describe('on and emit', () => {
  test('calls every listener of the kind, concurrently, and waits for them', async () => {
    const { bus, timers } = listening();
    const seen: string[] = [];
    const gate = Promise.withResolvers<undefined>();
    bus.on('built', async (event) => {
      await gate.promise;
      seen.push(`first ${event}`);
    });
    bus.on('built', (event) => {
      seen.push(`second ${event}`);
      gate.resolve(undefined);
    });
    bus.on('deployed', () => seen.push('another kind'));
    await bus.emit('built', 'a');
    expect(seen).toEqual(['second a', 'first a']);
    expect(timers.size).toBe(0);
  });

  test('a kind nobody listens to is nothing', async () => {
    const { bus, reports } = listening();
    await bus.emit('unheard', 'a');
    expect(reports).toEqual([]);
  });

  test('a listener added during an emit hears the next one', async () => {
    const { bus } = listening();
    const late: string[] = [];
    const undo = bus.on('built', () => {
      undo();
      bus.on('built', (event) => late.push(event));
    });
    await bus.emit('built', 'a');
    expect(late).toEqual([]);
    await bus.emit('built', 'b');
    expect(late).toEqual(['b']);
  });

  test('a listener removed during an emit still hears it, and none after', async () => {
    const { bus } = listening();
    const heard: string[] = [];
    let undo = (): void => undefined;
    bus.on('built', () => undo());
    undo = bus.on('built', (event) => heard.push(event));
    await bus.emit('built', 'a');
    await bus.emit('built', 'b');
    expect(heard).toEqual(['a']);
  });

  test('each registration has its own undo', async () => {
    const { bus } = listening();
    const heard: string[] = [];
    const listener = (event: string): number => heard.push(event);
    const undo = bus.on('built', listener);
    bus.on('built', listener);
    await bus.emit('built', 'a');
    undo();
    undo();
    await bus.emit('built', 'b');
    expect(heard).toEqual(['a', 'a', 'b']);
  });

  test('one that throws or rejects harms no other and is reported', async () => {
    const { bus, reports } = listening();
    const heard: string[] = [];
    bus.on('built', () => {
      throw new Error('thrown');
    });
    bus.on('built', () => Promise.reject(new Error('rejected')));
    bus.on('built', (event) => heard.push(event));
    await bus.emit('built', 'a');
    expect(heard).toEqual(['a']);
    expect(reports.map(({ error }) => String(error))).toEqual(['Error: thrown', 'Error: rejected']);
  });

  test('one that hangs is reported at its deadline and no longer waited for', async () => {
    const { bus, reports, timers, passDeadline } = listening();
    const hung = Promise.withResolvers<undefined>();
    const heard: string[] = [];
    bus.on('built', () => hung.promise);
    bus.on('built', (event) => heard.push(event));
    const emitted = bus.emit('built', 'a');
    await expect.poll(() => timers.size).toBe(1);
    passDeadline();
    await emitted;
    expect(heard).toEqual(['a']);
    expect(reports).toEqual([{ what: 'a listener of built is still busy after 5000 ms', error: new Error('deadline missed') }]);
    hung.reject(new Error('late'));
    await expect.poll(() => reports.length).toBe(2);
  });
});
