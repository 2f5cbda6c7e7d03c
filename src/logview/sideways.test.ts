import { expect, test } from 'vitest';
import { sideways } from './sideways.ts';

const room = { left: 100, right: 500 };

test.each([
  ['in view', { left: 100, right: 500 }, 0],
  ['too far to the right', { left: 900, right: 1_000 }, 650],
  ['cut at the right', { left: 450, right: 550 }, 200],
  ['too far to the left', { left: -200, right: -100 }, -450],
  ['wider than the room, with its beginning in view', { left: 200, right: 5_000 }, 0],
  ['wider than the room, out of view', { left: 700, right: 5_000 }, 600],
])('a mark %s', (_, mark, by) => expect(sideways(mark, room)).toBe(by));
