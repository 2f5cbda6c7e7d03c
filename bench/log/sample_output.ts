/**
 * Output as compilers, test runners and package managers write it, made up from a seed: the same seed gives the same bytes. A third of the lines has
 * colours, one in some hundreds is long, one in a thousand reports an error. No line is copied from any tool.
 */

/** Bytes of one piece, about. */
const PIECE_BYTES = 1_048_576;

export interface SampleSize {
  /** Ends with the line that passes it; the last piece is cut there when it is bytes. */
  bytes?: number;
  lines?: number;
}

/** In pieces of whole lines; with `bytes` exactly so many, the last line cut. */
export function* sampleOutput({ bytes = Infinity, lines = Infinity }: SampleSize, seed: number): Generator<Buffer> {
  const random = randomOf(seed);
  let made = 0;
  let n = 0;
  while (made < bytes && n < lines) {
    const piece: string[] = [];
    for (let length = 0; length < PIECE_BYTES && n < lines; n++) {
      const text = line(random, n);
      piece.push(text);
      length += text.length + 1;
    }
    const data = Buffer.from(`${piece.join('\n')}\n`);
    const part = data.subarray(0, Math.min(data.length, bytes - made));
    made += part.length;
    yield part;
  }
}

type Random = (below: number) => number;

/** A 32-bit linear congruence: good enough to vary text with, the same on every machine. */
function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const WORDS =
  'signal track points route panel train tier gate node build parse token stream buffer index cache render layout frame socket retry queue lock fold ring cursor commit release station lever lamp relay switch'.split(
    ' ',
  );
const COLORS = ['31', '32', '33', '36', '90', '1;31', '1;32', '2', '38;5;208', '38;2;120;200;80'];
const ERRORS = ['error TS2345: the types do not agree', 'AssertionError: expected 3 to be 4', 'undefined reference to', 'npm ERR! code 1'];
const LONG_IN = 400;
const ERROR_IN = 1_000;

function line(random: Random, n: number): string {
  const kind = random(ERROR_IN) === 0 ? 'error' : random(LONG_IN) === 0 ? 'long' : random(3) === 0 ? 'coloured' : 'plain';
  switch (kind) {
    case 'error':
      return `\u001b[31m${path(random)}:${1 + random(900)}:${1 + random(80)}\u001b[0m - ${pick(random, ERRORS)}`;
    case 'long':
      return `  sources: ${Array.from({ length: 60 }, () => path(random)).join(', ')}`;
    case 'coloured':
      return ` ${color(random, '✓')} ${color(random, path(random))} ${words(random)} \u001b[2m${random(900)} ms\u001b[22m`;
    case 'plain':
      return `[${String(n).padStart(8, '0')}] ${words(random)}: ${path(random)} (${random(100_000)} bytes)`;
    default:
      return kind satisfies never;
  }
}

function color(random: Random, text: string): string {
  return `\u001b[${pick(random, COLORS)}m${text}\u001b[0m`;
}

function words(random: Random): string {
  return Array.from({ length: 2 + random(6) }, () => pick(random, WORDS)).join(' ');
}

function path(random: Random): string {
  return `src/${pick(random, WORDS)}/${pick(random, WORDS)}_${pick(random, WORDS)}.${pick(random, ['ts', 'c', 'rs', 'go'])}`;
}

function pick(random: Random, from: readonly string[]): string {
  return from[random(from.length)] ?? '';
}
