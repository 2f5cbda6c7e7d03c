/**
 * Child processes of the bootstrap. It has none of the terminal's signals to itself: what it is sent, it passes on, then waits for the
 * child's own end, so that Ctrl-C never leaves a server without a parent.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** We were told to end while a child worked for us: nothing went wrong, and nothing is to be said. */
export class Stopped extends Error {
  /** @param {number} code */
  constructor(code) {
    super('stopped');
    this.code = code;
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** Kept of a captured output: its end is where the reason stands. */
const OUTPUT_KEPT_CHARS = 200_000;
const KILL_AFTER_MS = 10_000;

/**
 * Runs with the terminal's own streams, passes signals on.
 * @param {string} file
 * @param {string[]} argv
 * @param {AbortSignal} [stop] ends it with SIGTERM.
 * @returns {Promise<number>} the exit code; 128 + n after signal n.
 */
export function handOver(file, argv, stop) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, argv, { stdio: 'inherit' });
    const undo = passSignals(child);
    stop?.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
    child.once('error', (error) => {
      undo();
      reject(error);
    });
    child.once('exit', (code, signal) => {
      undo();
      resolve(exitCode(code, signal));
    });
  });
}

/**
 * Runs and keeps the output.
 * @param {string} file
 * @param {string[]} argv
 * @param {{ env?: NodeJS.ProcessEnv, deadline_ms?: number, live?: boolean }} [options] `live` also shows the output as it comes.
 * @returns {Promise<{ code: number, output: string }>} code 124 when the deadline passed, 127 when it could not be started.
 * Rejects with `Stopped` when we were told to end meanwhile.
 */
export function capture(file, argv, { env = process.env, deadline_ms, live = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, argv, { stdio: ['ignore', 'pipe', 'pipe'], env });
    let told = null;
    const undo = passSignals(child, (name) => (told = name));
    let output = '';
    let late = false;
    let kill;
    const keep = (stream) => (data) => {
      output = (output + data).slice(-OUTPUT_KEPT_CHARS);
      if (live) stream.write(data);
    };
    child.stdout.setEncoding('utf8').on('data', keep(process.stdout));
    child.stderr.setEncoding('utf8').on('data', keep(process.stderr));
    const deadline =
      deadline_ms &&
      setTimeout(() => {
        late = true;
        child.kill('SIGTERM');
        kill = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
      }, deadline_ms);
    const end = (code, text = '') => {
      undo();
      clearTimeout(deadline);
      clearTimeout(kill);
      if (told !== null) reject(new Stopped(exitCode(null, told)));
      else resolve({ code, output: output + text });
    };
    child.once('error', (error) => end(127, error.message));
    child.once('close', (code, signal) => {
      if (late) end(124, `\nStopped: it took longer than ${deadline_ms / 1000} s.\n`);
      else end(exitCode(code, signal));
    });
  });
}

function passSignals(child, passed = () => {}) {
  const pass = (name) => () => {
    passed(name);
    child.kill(name);
  };
  const handlers = SIGNALS.map((name) => [name, pass(name)]);
  for (const [name, handler] of handlers) process.on(name, handler);
  return () => {
    for (const [name, handler] of handlers) process.off(name, handler);
  };
}

function exitCode(code, signal) {
  return code ?? 128 + (constants.signals[signal] ?? 0);
}
