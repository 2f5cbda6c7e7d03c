import { expect, test } from 'vitest';
import { isServerPath } from './server_paths.ts';

test.each([
  ['/api/v1/state', true],
  ['/events', true],
  ['/events?after=1', true],
  ['/healthz/', true],
  ['/assets/gone', true],
  ['/', false],
  ['/eventsful', false],
  ['/projects/api', false],
  ['/runs/7?api', false],
])('%s: %s', (address, is) => expect(isServerPath(address)).toBe(is));
