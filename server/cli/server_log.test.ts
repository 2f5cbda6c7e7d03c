import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openServerLog } from './server_log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-log-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('writes JSON for machines and a plain line for people', () => {
  const warned: string[] = [];
  const log = openServerLog(folder, 'info', (line) => warned.push(line));
  log.logger.debug('too fine');
  log.logger.info({ tier: 'host' }, 'a fact');
  log.logger.warn({ err: new Error('why') }, 'a warning');
  log.close();
  log.close();
  log.logger.error('after the end');
  const lines = readFileSync(log.file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  expect(lines).toMatchObject([
    { msg: 'a fact', tier: 'host' },
    { msg: 'a warning', err: { message: 'why' } },
  ]);
  expect(warned).toEqual(['a warning: why', 'after the end']);
});

it('is bounded', () => {
  const log = openServerLog(folder, 'info', () => undefined, 1000);
  for (let i = 0; i < 100; i++) log.logger.info(`line ${i}`);
  log.close();
  expect(statSync(log.file).size).toBeLessThan(1200);
  expect(statSync(`${log.file}.1`).size).toBeLessThan(1200);
  expect(readFileSync(log.file, 'utf8')).toContain('line 99');
});

it('goes on after a restart', () => {
  for (const text of ['one', 'two']) {
    const log = openServerLog(folder, 'info', () => undefined);
    log.logger.info(text);
    log.close();
  }
  expect(readFileSync(join(folder, 'server.log'), 'utf8').trim().split('\n')).toHaveLength(2);
});
