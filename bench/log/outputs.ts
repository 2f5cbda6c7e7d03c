/** Outputs and secrets for the benchmarks, made from a fixed seed: the same bytes in every run. */
import { createHash } from 'node:crypto';

const OUTPUT_BYTES = 4 * 1024 * 1024;

/** Bytes that look random and are always the same. */
export function noise(seed: string, length: number): Buffer {
  const blocks: Buffer[] = [];
  for (let block = 0; block * 32 < length; block++) blocks.push(createHash('sha256').update(`${seed} ${block}`).digest());
  return Buffer.concat(blocks).subarray(0, length);
}

/** Nine as services give them out, of 12 to 64 characters, and a private key of 27 lines. */
export function tenSecrets(): string[] {
  const lengths = [12, 16, 20, 24, 32, 36, 40, 48, 64];
  const tokens = lengths.map((length, at) => noise(`token ${at}`, length).toString('base64url').slice(0, length));
  const body =
    noise('key', 1_190)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [...tokens, ['-----BEGIN PRIVATE KEY-----', ...body.slice(0, 25), '-----END PRIVATE KEY-----', ''].join('\n')];
}

export interface Output {
  name: string;
  data: Buffer;
}

export function outputs(secrets: readonly string[]): Output[] {
  const [token = '', ...others] = secrets;
  return [
    {
      name: 'a build, plain',
      data: lines((n) => `[${n}] compiling src/parts/${words(n, 2)}/${words(n + 7, 1)}.ts: ${words(n, 6)} (${n % 97} ms)`),
    },
    {
      name: 'a build, in colours',
      data: lines(
        (n) =>
          `\u001b[2m${n}\u001b[0m \u001b[32m✓\u001b[39m ${words(n, 3)} \u001b[36m${words(n + 3, 4)}\u001b[39m \u001b[2m${n % 97} ms\u001b[22m`,
      ),
    },
    {
      name: 'JSON lines',
      data: lines((n) =>
        JSON.stringify({ level: 30, time: 1_790_000_000_000 + n, msg: words(n, 5), path: `/api/${words(n, 1)}/${n}`, ok: true }),
      ),
    },
    { name: 'base64', data: lines((n) => noise(`line ${n}`, 57).toString('base64')) },
    { name: 'one byte over and over', data: Buffer.alloc(OUTPUT_BYTES, 'a') },
    { name: 'random bytes', data: noise('bytes', OUTPUT_BYTES) },
    {
      name: 'a secret in every 20th line',
      data: lines((n) => (n % 20 === 0 ? `token=${others[n % 8] ?? token} ${words(n, 4)}` : words(n, 12))),
    },
    { name: 'beginnings of secrets in every line', data: lines((n) => `${token.slice(0, 11)} ${words(n, 8)} -----BEGIN PRIVATE`) },
  ];
}

const WORDS =
  'the resolver server test passed module build of cache and loaded path index warning deploy node with version checked route from'.split(
    ' ',
  );

function words(n: number, count: number): string {
  return Array.from({ length: count }, (_, at) => WORDS[(n * 31 + at * at * 17 + at * 7) % WORDS.length]).join(' ');
}

function lines(line: (n: number) => string): Buffer {
  const all: string[] = [];
  for (let n = 0, bytes = 0; bytes < OUTPUT_BYTES; n++) bytes += all[all.push(`${line(n)}\n`) - 1]?.length ?? 0;
  return Buffer.from(all.join(''));
}
