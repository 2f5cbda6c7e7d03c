/**
 * The child whose output is watched: writes lines at a rate, evenly, and keeps when it wrote which. What it writes does not depend on time, so that whoever
 * started it knows every byte. Lines are as build tools write them, about 60 bytes, one in three coloured, one in a thousand an error, each with its number.
 *
 * As a program: `node writer.ts <lines/s> <seconds> <go> <stamps>`: begins when the file `go` is there, and leaves in `stamps` as JSON
 * [[first line, ms since the epoch], …], one entry for each write.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Time between two writes, at least: as often as Node's timers come. */
const TICK_MS = 1;
const LOOK_MS = 10;
const ERROR_EVERY = 1_000;
const PATHS = ['src/signal/relay', 'src/track/point', 'src/panel/lamp', 'src/gate/lever', 'lib/route/frame', 'lib/queue/ring'];
const WORDS = ['compiling', 'checking', 'linking', 'resolved', 'skipped', 'copied', 'tested'];

/** Line `n`, counted from 1, with its line feed. */
export function line(n: number): string {
  const [path, word] = [PATHS[(n * 7) % PATHS.length], WORDS[n % WORDS.length]];
  const number = `[${String(n).padStart(8, '0')}]`;
  if (n % ERROR_EVERY === 0) return `${number} ${path}_${n % 977}.ts:${n % 389}:7 - error TS2345: the types do not agree\n`;
  if (n % 3 === 0) return `${number} \u001b[32m${word}\u001b[0m ${path}_${n % 977}.ts (${n % 389} ms)\n`;
  return `${number} ${word} ${path}_${n % 977}.ts, ${n % 7919} bytes in ${n % 389} ms\n`;
}

/** Lines `from` to `to`, inclusive. */
export function lines(from: number, to: number): string {
  let text = '';
  for (let n = from; n <= to; n++) text += line(n);
  return text;
}

/** What to add to `performance.now()` for ms since the epoch: from where the machine's clock goes on to its next millisecond. */
function wall(): number {
  const ms = Date.now();
  let now = Date.now();
  while (now === ms) now = Date.now();
  return now - performance.now();
}

async function write(rate: number, seconds: number, go: string, stamps: string): Promise<void> {
  while (!existsSync(go)) await sleep(LOOK_MS);
  const offset = wall();
  const written: [number, number][] = [];
  const all = rate * seconds;
  const from = performance.now();
  for (let next = 1; next <= all;) {
    const now = performance.now();
    const due = Math.min(all, Math.floor(((now - from) / 1_000) * rate));
    if (due >= next) {
      written.push([next, now + offset]);
      if (!process.stdout.write(lines(next, due))) await new Promise((resolve) => process.stdout.once('drain', resolve));
      next = due + 1;
    }
    await sleep(TICK_MS);
  }
  writeFileSync(stamps, JSON.stringify(written));
}

const [rate, seconds, go, stamps] = process.argv.slice(2);
if (import.meta.main && go !== undefined && stamps !== undefined) await write(Number(rate), Number(seconds), go, stamps);
