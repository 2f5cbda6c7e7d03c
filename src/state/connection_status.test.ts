import { describe, expect, test } from 'vitest';
import { timeOfDay } from '../shared/words/time.ts';
import { judge, type LinkFacts } from './connection_status.ts';

const T = Date.parse('2026-11-14T02:03:11.000Z');
const seen = timeOfDay(T);
const live: LinkFacts = {
  link: { type: 'open' },
  caught_up: true,
  heard: { local_ms: 1_000, server_ms: T },
  since_ms: 0,
  owed: null,
  latency_ms: 38,
  new_version: null,
  page_error: null,
};

test('live, with the age of what is shown', () => {
  expect(judge(live, 2_000)).toMatchObject({ status: 'live', live: true, label: 'Live, 38 ms', reason: '' });
  expect(judge({ ...live, latency_ms: null }, 2_000).label).toBe('Live');
});

test('silence: stale after ten seconds, growing older, though the socket says it is open', () => {
  expect(judge(live, 11_000).live).toBe(true);
  expect(judge(live, 11_001)).toMatchObject({ status: 'stale', live: false });
  expect(judge(live, 15_000)).toMatchObject({
    label: 'Stale, 14 s',
    reason: `No word from the server for 14 s. You see ${seen}. Buttons are off until it answers.`,
  });
});

test('reconnecting, with the next try; stale when that lasts', () => {
  const lost: LinkFacts = { ...live, link: { type: 'waiting', next_try_ms: 5_000 }, caught_up: false };
  expect(judge(lost, 2_001)).toMatchObject({
    status: 'reconnecting',
    live: false,
    retry: true,
    reason: `Connection lost at ${seen}. Next try in 3 s.`,
  });
  expect(judge(lost, 5_000).reason).toBe(`Connection lost at ${seen}. Trying now.`);
  expect(judge({ ...lost, link: { type: 'waiting', next_try_ms: 18_000 } }, 15_000)).toMatchObject({
    status: 'stale',
    retry: true,
    reason: `No word from the server for 14 s. You see ${seen}. Buttons are off until it answers. Next try in 3 s.`,
  });
});

test('levers stay off until all that was missed is in', () => {
  expect(judge({ ...live, caught_up: false }, 2_000)).toMatchObject({ status: 'catching_up', live: false, label: 'Catching up' });
  expect(judge({ ...live, link: { type: 'connecting' }, caught_up: false, heard: null }, 2_000)).toMatchObject({
    status: 'catching_up',
    live: false,
    label: 'Connecting',
  });
});

test('a server that never answers is stale too', () => {
  expect(judge({ ...live, link: { type: 'connecting' }, caught_up: false, heard: null }, 12_000)).toMatchObject({
    status: 'stale',
    reason: 'No word from the server for 12 s. Buttons are off until it answers.',
  });
});

test('five seconds behind a head the server has named is stale', () => {
  const behind: LinkFacts = { ...live, heard: { local_ms: 8_000, server_ms: T }, owed: { head: 400, since_ms: 2_000, behind: 312 } };
  expect(judge(behind, 7_000).live).toBe(true);
  expect(judge(behind, 8_001)).toMatchObject({
    status: 'stale',
    live: false,
    reason: 'This page is 312 events behind the server. Buttons are off until it has caught up.',
  });
});

describe('what needs a reload comes before everything else', () => {
  test('another protocol', () => {
    expect(judge({ ...live, new_version: { need: 'required', version: '2.0.0' } }, 2_000)).toMatchObject({
      status: 'new_version',
      live: false,
      reload: true,
    });
  });
  test('another build only offers it', () => {
    expect(judge({ ...live, new_version: { need: 'offered', version: '1.0.1' } }, 2_000)).toMatchObject({
      status: 'new_version',
      live: true,
      reload: true,
    });
    expect(judge({ ...live, new_version: { need: 'offered', version: '1.0.1' } }, 20_000).status).toBe('stale');
  });
  test('the page itself failed', () => {
    expect(judge({ ...live, page_error: 'This page failed.' }, 2_000)).toMatchObject({
      status: 'stale',
      live: false,
      reload: true,
      reason: `This page failed. You see ${seen}. Buttons are off. Reload the page.`,
    });
  });
  test('the server said not to come back', () => {
    expect(judge({ ...live, link: { type: 'stopped', reason: 'Sign in.' } }, 2_000)).toMatchObject({
      status: 'stale',
      live: false,
      reload: true,
    });
  });
});
