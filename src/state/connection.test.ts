import { expect, test } from 'vitest';
import { Connection } from './connection.svelte.ts';

function connection(): { at: (ms: number) => void; c: Connection } {
  let now = 0;
  const c = new Connection(
    () => now,
    () => 5,
  );
  return { c, at: (ms) => void (now = ms) };
}

test('live once caught up; off again with the link, and after sleep until the next frame', () => {
  const { c, at } = connection();
  c.opened();
  c.heard(100);
  expect(c.live).toBe(false);
  c.caughtUp();
  expect(c.live).toBe(true);
  c.waiting(5_000);
  expect(c.live).toBe(false);
  c.opened();
  c.heard(200);
  c.caughtUp();
  at(3_600_000);
  c.tick();
  expect(c.live).toBe(false);
  expect(c.last_word).toBe(200);
  c.heard(3_600_100);
  expect(c.live).toBe(true);
});

test('off between a hole and being whole again, though the link stays and is heard', () => {
  const { c } = connection();
  c.opened();
  c.heard(0);
  c.caughtUp();
  c.catchingUp();
  c.heard(1);
  c.position(5, 3);
  expect(c.live).toBe(false);
  expect(c.reason).toBe('Catching up with the server. Buttons are off until then.');
  c.caughtUp();
  expect(c.live).toBe(true);
});

test('behind: counted from the first head that was not reached, and over once that head is', () => {
  const { c, at } = connection();
  c.opened();
  c.heard(0);
  c.caughtUp();
  c.position(10, 8);
  at(4_000);
  c.position(20, 9);
  expect(c.overdue).toBe(false);
  at(5_001);
  c.heard(0);
  c.tick();
  expect(c.overdue).toBe(true);
  expect(c.live).toBe(false);
  c.position(null, 10);
  expect(c.overdue).toBe(false);
  expect(c.live).toBe(true);
});

test('a page that failed stays failed', () => {
  const { c } = connection();
  c.opened();
  c.heard(0);
  c.caughtUp();
  c.pageError('This page failed.');
  c.pageError('Later.');
  c.caughtUp();
  expect(c.live).toBe(false);
  expect(c.reason).toContain('This page failed.');
});
