import { EventEmitter } from 'node:events';
import { beforeEach, expect, it, vi } from 'vitest';
import { listenForSignals, terminalWatch } from './signals.ts';

let time = 0;
let gone = false;
let source: EventEmitter;
const wishes = { stop: vi.fn(), stopNow: vi.fn(), reload: vi.fn() };
let undo: () => void;
beforeEach(() => {
  time = 0;
  gone = false;
  source = new EventEmitter();
  vi.clearAllMocks();
  undo = listenForSignals(source, wishes, { now: () => time, terminalGone: () => gone });
});

it('takes a repeat within a second for the same wish', () => {
  source.emit('SIGINT');
  time = 900;
  source.emit('SIGTERM');
  expect(wishes.stop).toHaveBeenCalledTimes(1);
  expect(wishes.stopNow).not.toHaveBeenCalled();
  time = 1100;
  source.emit('SIGINT');
  expect(wishes.stopNow).toHaveBeenCalledTimes(1);
});
it('reloads on SIGHUP, but not while stopping', () => {
  source.emit('SIGHUP');
  source.emit('SIGHUP');
  expect(wishes.reload).toHaveBeenCalledTimes(2);
  source.emit('SIGTERM');
  source.emit('SIGHUP');
  expect(wishes.reload).toHaveBeenCalledTimes(2);
});
it('stops when its terminal has gone', () => {
  gone = true;
  source.emit('SIGHUP');
  expect(wishes.stop).toHaveBeenCalledTimes(1);
  expect(wishes.reload).not.toHaveBeenCalled();
});
it('listens no more after its undo', () => {
  undo();
  expect(source.eventNames()).toEqual([]);
});
it('cannot lose a terminal it never had', () => expect(terminalWatch(false)()).toBe(false));
