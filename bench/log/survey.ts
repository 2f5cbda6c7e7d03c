/**
 * Whether the first error is found, and how fast a log is gone through for its marks: the fixtures, of which it prints how many, and a large log of ordinary
 * output (a few lines in a thousand with a word that matters), one in which every tenth line has such a word, and one in which every line is an
 * error. Reading is included, from files that are in the page cache. Beside it the same done line by line, without the prefilter. Where others use the
 * machine too, the figures by time of the processor say more.
 *
 * Run: `node bench/log/survey.ts`. Takes about half a minute.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPlainBytes } from '../../server/logstore/plain_bytes.ts';
import { surveyBytes, SURVEY_START } from '../../server/logstore/worker/survey_bytes.ts';
import { MarkReader } from '../../src/shared/output/mark_reader.ts';
import { logFixtures, readEveryLine } from '../../tests/support/log_fixtures.ts';

const LOG_BYTES = 100_000_000;
const PLAIN_BYTES = 10_000_000;
const ROUNDS = 7;

const ordinary = (n: number): string =>
  n % 7 === 0
    ? `2026-11-02T10:20:${String(n % 60).padStart(2, '0')}.114Z INFO harbour: berth ${n} opened for ship ${(n * 7919) % 1000}, waiting room ${n % 9}`
    : n % 3 === 0
      ? `gcc -Wall -Wextra -O2 -Iinclude -c src/valve_${n}.c -o build/valve_${n}.o`
      : `  \u001b[32m✓\u001b[39m src/part_${n}.test.ts (\u001b[2m${n % 40} tests\u001b[22m) ${n % 900} ms`;

const KINDS: readonly [string, (n: number) => string][] = [
  ['ordinary', (n) => (n % 200 === 0 ? `error_page_${n}.html copied` : ordinary(n))],
  ['one in ten has a word', (n) => (n % 10 === 0 ? `test error::tests::shows_${n} ... ok` : ordinary(n))],
  ['every line an error', (n) => `src/part_${n}.ts(${n % 99},5): error TS2322: Type 'string' is not assignable to type 'number'.`],
];

function text(line: (n: number) => string): Buffer {
  const parts: string[] = [];
  for (let n = 1, bytes = 0; bytes < LOG_BYTES; n++) bytes += parts[parts.push(`${line(n)}\n`) - 1]?.length ?? 0;
  return Buffer.from(parts.join(''));
}

const middle = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const fixtures = logFixtures();
const found = fixtures.filter(({ data, first }) => readEveryLine(data).errors[0]?.n === first?.n);
console.log(`first error, or none, found in ${found.length} of ${fixtures.length} logs`);

const folder = await mkdtemp(join(tmpdir(), 'survey-'));
try {
  for (const [name, line] of KINDS) {
    const data = text(line);
    const path = join(folder, 'log');
    await writeFile(path, data);
    const log = await openPlainBytes(path, 1);
    const rounds: number[] = [];
    const by_processor: number[] = [];
    let marks = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const reader = new MarkReader();
      const began = performance.now();
      const cpu = process.cpuUsage();
      await surveyBytes(reader, SURVEY_START, { log, bytes: data.length, closed: true, cancelled: () => false });
      rounds.push(data.length / 1000 / (performance.now() - began));
      const { user, system } = process.cpuUsage(cpu);
      by_processor.push(data.length / (user + system));
      marks = reader.state.count;
    }
    await log.close();
    const began = performance.now();
    readEveryLine(data.subarray(0, PLAIN_BYTES));
    const plain = PLAIN_BYTES / 1000 / (performance.now() - began);
    const [least, most] = [Math.min(...rounds), Math.max(...rounds)];
    console.log(
      `${name}: ${middle(rounds).toFixed(0)} MB/s (${least.toFixed(0)} to ${most.toFixed(0)}), by processor ${middle(by_processor).toFixed(0)} MB/s; ${marks} marks; every line read: ${plain.toFixed(0)} MB/s`,
    );
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
