/**
 * What masking costs, in MB of output a second: ten secrets, one of them a private key of 27 lines, over outputs of several kinds in reads of
 * 64 KiB. "copy" is what it costs to copy the same bytes in the same reads: the speed of memory, as a measure of the machine.
 *
 * Run: `node bench/log/mask.ts`. Ends by itself in about 20 s.
 */
import { createMasker } from '../../server/logstore/masker.ts';
import { secretForms } from '../../server/logstore/secret_forms.ts';
import { outputs, tenSecrets } from './outputs.ts';

const READ_BYTES = 65_536;
const ROUNDS = 7;
const ROUND_MS = 250;

const secrets = tenSecrets();
const forms = secretForms(secrets);
console.log(`${secrets.length} secrets, ${forms.length} forms, longest ${Math.max(...forms.map(({ length }) => length))} bytes`);
console.log(`${'output'.padEnd(44)}MB/s   copy MB/s`);
for (const { name, data } of outputs(secrets)) {
  const reads: Buffer[] = [];
  for (let at = 0; at < data.length; at += READ_BYTES) reads.push(data.subarray(at, at + READ_BYTES));
  const mask = speed(data.length, () => {
    const masker = createMasker(forms);
    let bytes = 0;
    const give = (piece: Buffer): void => void (bytes += piece.length);
    const pass = (): void => reads.forEach((read) => masker.push(read, give));
    return {
      pass,
      end() {
        masker.end(give);
        return bytes;
      },
    };
  });
  const copy = speed(data.length, () => {
    let bytes = 0;
    const pass = (): void => reads.forEach((read) => (bytes += Buffer.from(read).length));
    return { pass, end: () => bytes };
  });
  console.log(`${name.padEnd(44)}${mask.toFixed(0).padStart(5)}   ${copy.toFixed(0).padStart(5)}`);
}

/** @returns the median, MB (10^6 bytes) a second. */
function speed(bytes: number, begin: () => { pass: () => void; end: () => number }): number {
  const found: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { pass, end } = begin();
    const began = performance.now();
    let passes = 0;
    for (; passes === 0 || performance.now() - began < ROUND_MS; passes++) pass();
    if (end() < 0) throw new Error('nothing came out');
    found.push((passes * bytes) / (performance.now() - began) / 1000);
  }
  return found.sort((a, b) => a - b)[ROUNDS >> 1] ?? 0;
}
