/**
 * Lines that tell a person what takes so long. Plain JavaScript for any Node from 18 on: it runs before anything is installed.
 */

/** How often a step that is still going says so when the output is not a terminal. */
const REMINDER_MS = 15_000;
const SECONDS_COLUMN = 34;

/** A failure whose message is the whole story: shown without a stack. */
export class Sorry extends Error {}

/**
 * Shows a step while it runs and its elapsed time when it is done.
 * @template T
 * @param {string} doing e.g. `Installing packages`
 * @param {string} done e.g. `packages installed`
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(doing, done, work) {
  const started = Date.now();
  const live = process.stdout.isTTY === true;
  const say = () => {
    if (live) process.stdout.write(`\r  … ${doing} ${seconds(started)}`);
    else process.stdout.write(`  ${doing}, ${seconds(started)} so far\n`);
  };
  if (!live) process.stdout.write(`  ${doing}\n`);
  const timer = setInterval(say, live ? 1000 : REMINDER_MS);
  try {
    const result = await work();
    finish(live, '✓', done, started);
    return result;
  } catch (error) {
    finish(live, '✗', doing, started);
    throw error;
  } finally {
    clearInterval(timer);
  }
}

function finish(live, mark, text, started) {
  process.stdout.write(`${live ? '\r\u001b[2K' : ''}  ${mark} ${text.padEnd(SECONDS_COLUMN)} ${seconds(started)}\n`);
}

/** @param {number} since milliseconds since the epoch */
export function seconds(since) {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}
