/** Output as tools write it, one line in three coloured: the same lines in every run. */

const E = '\u001b';
const sgr = (codes: string, text: string, off = '0'): string => `${E}[${codes}m${text}${E}[${off}m`;

/** By line number. */
const COLOURED: readonly ((n: number) => string)[] = [
  (n) =>
    ` ${sgr('32', '✓', '39')} src/room_${n % 97}/part_${n % 13}.test.ts ${sgr('2', `(${n % 40} tests)`, '22')} ${sgr('33', `${n % 900}ms`, '39')}`,
  (n) =>
    `${sgr('96', `src/room_${n % 97}/part.ts`)}:${sgr('93', String(n % 400))}:${sgr('93', '7')} - ${sgr('91', 'error')}${sgr('90', ' TS2345: ')}Argument of type 'string' is not assignable to parameter of type 'number'.`,
  (n) => `   ${sgr('1;32', 'Compiling')} crate_${n % 311} v0.${n % 20}.${n % 7}`,
  (n) =>
    `${sgr('38;5;244', `10:${String(n % 60).padStart(2, '0')}:07`)} ${sgr('1;38;5;39', 'INFO')} ${sgr('36', 'http')} GET /api/v1/runs/${n}/log 200 ${n % 80} ms`,
  (n) =>
    `${sgr('38;2;120;180;90', `layer ${n % 12}`)} ${sgr('7', ' PULL ', '27')} sha256:${n.toString(16).padStart(12, '0')} ${sgr('4', 'done', '24')}`,
];
const PLAIN: readonly ((n: number) => string)[] = [
  (n) =>
    `2026-11-28T10:00:00.${String(n % 1_000).padStart(3, '0')}Z worker ${n % 8} took job ${n} from the queue after ${n % 57} ms, 3 more are waiting`,
  (n) => `gcc -O2 -Wall -Iinclude -c -o build/part_${n % 211}.o src/part_${n % 211}.c`,
  (n) => `added ${n % 500} packages, and audited ${n % 900} packages in ${n % 30}s – nothing to fix`,
  (n) => `    at Object.run (/srv/app/src/room_${n % 97}/run.ts:${n % 300}:${n % 80})`,
];

/** @param bytes of UTF-8, at least. */
export function colouredLines(bytes: number): { lines: string[]; bytes: number } {
  const lines: string[] = [];
  let size = 0;
  for (let n = 0; size < bytes; n++) {
    const from = n % 3 === 0 ? COLOURED : PLAIN;
    const line = Buffer.from(from[Math.floor(n / 3) % from.length]!(n)).toString();
    lines.push(line);
    size += Buffer.byteLength(line) + 1;
  }
  return { lines, bytes: size };
}
