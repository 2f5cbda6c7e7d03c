import { describe, expect, test } from 'vitest';
import { deployReason, reasonOf } from './reason.ts';

describe('gates and builds', () => {
  test('tests say how many of how many', () => {
    expect(reasonOf({ type: 'tests_failed', failed: 2, passed: 316, names: [], suspect: 'commit' }, 'unit_tests')).toEqual({
      headline: '2 of 318 tests failed',
      suspect: 'Looks like the commit.',
    });
  });
  test('the machine is named when it looks like the machine', () => {
    expect(reasonOf({ type: 'spawn', message: 'no space left on device', suspect: 'machine' }, 'unit_tests')).toEqual({
      headline: 'unit_tests could not start: no space left on device',
      suspect: 'Looks like the machine, not the commit.',
    });
  });
  test.each([
    [{ type: 'exit_code', code: 3 }, 'lint ended with exit code 3'],
    [{ type: 'signal', name: 'SIGKILL' }, 'lint was ended by SIGKILL'],
    [{ type: 'timeout', after_s: 600 }, 'lint took longer than 10 min and was stopped'],
    [{ type: 'rejected', by: 'local:Ben', comment: 'not on a Friday' }, 'Rejected by Ben: “not on a Friday”'],
    [{ type: 'rejected', by: 'local:Ben' }, 'Rejected by Ben'],
    [{ type: 'interrupted' }, 'The server restarted during lint'],
  ])('%j: %s', (why, words) => expect(reasonOf(why, 'lint').headline).toBe(words));
  test('a variant from a later version keeps its own word and message', () => {
    expect(reasonOf({ type: 'licence_missing', message: 'AGPL in left-pad' }, 'lint').headline).toBe(
      'lint failed: licence missing: AGPL in left-pad',
    );
  });
});

describe('deploys', () => {
  test.each([
    [{ type: 'health_check', expected: '1.4.0', got: '1.3.9' }, 'prod-1 answered 1.3.9 instead of 1.4.0'],
    [
      { type: 'health_check', expected: '1.4.0', got: '503, {"status":"starting","error":"settings.json is missing"}' },
      'prod-1 answered 503 instead of 1.4.0',
    ],
    [{ type: 'health_check', message: 'connection refused' }, 'prod-1 failed its health check: connection refused'],
    [{ type: 'unreachable' }, 'prod-1 could not be reached'],
    [{ type: 'quota', message: 'disk' }, 'The deploy to prod-1 failed: quota: disk'],
  ])('%j: %s', (failure, words) => expect(deployReason(failure, 'prod-1')).toBe(words));
});
