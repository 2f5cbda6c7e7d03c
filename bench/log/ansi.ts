/**
 * What it costs to make something to show of coloured output: our spans beside what other libraries make of the same lines, and taking the colours
 * out of bytes beside what Node does with text. One line in three is coloured; MB are of UTF-8 that went in. The sides take turns, every
 * line by itself; what is printed are medians, and medians of the ratios within each round. CPU is what the thread used: where others use the
 * machine too, it says more than the time.
 *
 * Of the others only anser has an answer in spans; ansi_up and fancy-ansi make HTML, which is what they are for.
 *
 * Run: `node bench/log/ansi.ts [--quick]`. Ends by itself in less than a minute.
 */
import { cpus, loadavg } from 'node:os';
import { parseArgs, stripVTControlCharacters } from 'node:util';
import Anser from 'anser';
import { AnsiUp } from 'ansi_up';
import { FancyAnsi } from 'fancy-ansi';
import { parseLine, PLAIN, type Style } from '../../src/shared/output/ansi.ts';
import { stripBytes } from '../../src/shared/output/strip_bytes.ts';
import { median } from '../../tests/faults/kit/median.ts';
import { colouredLines } from './coloured.ts';

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const ROUNDS = values.quick ? 5 : 15;
const INPUT_BYTES = 2_000_000;
/** What a side takes before the first round, so that it is compiled. */
const WARM_UPS = 3;
const CHUNK_BYTES = 65_536;
/** The processor's clock moves in steps of some milliseconds. */
const ROUND_MIN_MS = 80;

interface Side {
  name: string;
  /** Of UTF-8, in one run. */
  bytes: number;
  /** @returns something of what was made, so that it is made. */
  run: () => number;
}
interface Cost {
  wall_ms: number;
  cpu_ms: number;
}

const { lines, bytes } = colouredLines(INPUT_BYTES);

function spans(controls: boolean): number {
  let style: Style = PLAIN;
  let made = 0;
  for (const line of lines) {
    const parsed = parseLine(line, style, { controls });
    style = parsed.end;
    for (const { text } of parsed.spans) made += text.length;
  }
  return made;
}

const ansiUp = new AnsiUp();
const fancyAnsi = new FancyAnsi();
const toShow: Side[] = [
  { name: 'spans', bytes, run: () => spans(false) },
  { name: 'spans, controls shown', bytes, run: () => spans(true) },
  { name: 'ansi_up, HTML', bytes, run: () => sum((line) => ansiUp.ansi_to_html(line).length) },
  { name: 'fancy-ansi, HTML', bytes, run: () => sum((line) => fancyAnsi.toHtml(line).length) },
  {
    name: 'anser, entries',
    bytes,
    run: () => sum((line) => Anser.ansiToJson(line, { json: true }).reduce((all, { content }) => all + content.length, 0)),
  },
];

function sum(of: (line: string) => number): number {
  return lines.reduce((all, line) => all + of(line), 0);
}

const coloured = Buffer.from(`${lines.join('\n')}\n`);
const plain = Buffer.from(stripBytes(coloured));
const windows = Buffer.from(plain.toString().replaceAll('\n', '\r\n'));
const strips = (data: Uint8Array): number => chunks(data, (chunk) => stripBytes(chunk).length);
const stripped: Side[] = [
  { name: 'stripBytes, coloured', bytes: coloured.length, run: () => strips(coloured) },
  { name: 'stripBytes, no ESC', bytes: plain.length, run: () => strips(plain) },
  { name: 'stripBytes, no ESC, CRLF', bytes: windows.length, run: () => strips(windows) },
  {
    name: 'toString and stripVTControlCharacters, coloured',
    bytes: coloured.length,
    run: () => chunks(coloured, (chunk) => stripVTControlCharacters(chunk.toString()).length),
  },
];

function chunks(data: Uint8Array, of: (chunk: Buffer) => number): number {
  let made = 0;
  for (let at = 0; at < data.length; at += CHUNK_BYTES)
    made += of(Buffer.from(data.buffer, data.byteOffset + at, Math.min(CHUNK_BYTES, data.length - at)));
  return made;
}

function cost({ run }: Side): Cost {
  const cpu = process.threadCpuUsage();
  const begin = performance.now();
  let runs = 0;
  do {
    if (run() === 0) throw new Error('nothing was made');
    runs++;
  } while (performance.now() - begin < ROUND_MIN_MS);
  const wall_ms = performance.now() - begin;
  const { user, system } = process.threadCpuUsage(cpu);
  return { wall_ms: wall_ms / runs, cpu_ms: (user + system) / 1_000 / runs };
}

function compare(title: string, sides: readonly Side[]): void {
  for (const side of sides) for (let i = 0; i < WARM_UPS; i++) cost(side);
  const rounds = Array.from({ length: ROUNDS }, () => sides.map(cost));
  console.log(`\n${title} (${ROUNDS} rounds)`);
  console.log(`${''.padEnd(48)} MB/s   MB/s of cpu   x first, cpu`);
  for (const [i, side] of sides.entries()) {
    const { name } = side;
    const rate = (of: keyof Cost): string => (side.bytes / 1_000 / median(rounds.map((round) => round[i]![of]))).toFixed(0);
    const ratio = median(rounds.map((round) => (side.bytes / round[i]!.cpu_ms) * (round[0]!.cpu_ms / sides[0]!.bytes)));
    console.log(`${name.padEnd(48)} ${rate('wall_ms').padStart(4)}   ${rate('cpu_ms').padStart(11)}   ${ratio.toFixed(2).padStart(12)}`);
  }
}

console.log(`node ${process.version}, ${cpus().length} cores, load average of the last minute ${loadavg()[0]!.toFixed(1)}`);
console.log(`${lines.length} lines, ${(bytes / 1_000_000).toFixed(1)} MB of UTF-8, one in three coloured`);
compare('to show', toShow);
compare('to search', stripped);
