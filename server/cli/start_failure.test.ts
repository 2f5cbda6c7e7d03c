import { expect, it } from 'vitest';
import { Failure } from '../failure.ts';
import { Sorry } from './port.ts';
import { startFailure } from './start_failure.ts';

const settings = { host: '127.0.0.1', port: 7766, dataDir: '/srv/signalbox' };

it('says in one sentence that the first event of a start could not be stored', () => {
  const full = new Failure('storage_full', 'The disk of the server is full, so nothing was recorded. Free some space and try again.');
  expect(startFailure(full, settings)).toBeInstanceOf(Sorry);
  expect(startFailure(full, settings)).toMatchObject({
    message:
      'The server did not start. The disk of the server is full, so nothing was recorded. Free some space and try again. (/srv/signalbox)',
  });
});

it('keeps a defect as it came', () => {
  const defect = new Failure('internal', 'x is undefined');
  expect(startFailure(defect, settings)).toBe(defect);
});
