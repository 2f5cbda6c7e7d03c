import { execFileSync, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMasker } from './masker.ts';
import { secretForms } from './secret_forms.ts';

const HARD = `p@ss'w"o$r\\d\`!{~} #&;|<>()[]*?^,=~ö€x`;

function masked(output: string, ...secrets: string[]): string {
  const masker = createMasker(secretForms(secrets));
  const out: Buffer[] = [];
  const give = (piece: Buffer): void => void out.push(Buffer.from(piece));
  masker.push(Buffer.from(output), give);
  masker.end(give);
  return Buffer.concat(out).toString();
}

describe.each([
  ['single quotes', `'p@ss'\\''w"o$r\\d\`!{~} #&;|<>()[]*?^,=~ö€x'`, `'***'`],
  ['single quotes closed by double ones', `'p@ss'"'"'w"o$r\\d\`!{~} #&;|<>()[]*?^,=~ö€x'`, `'***'`],
  ['double quotes', `"p@ss'w\\"o\\$r\\\\d\\\`!{~} #&;|<>()[]*?^,=~ö€x"`, `"***"`],
  ['$ quotes', `$'p@ss\\'w"o$r\\\\d\`!{~} #&;|<>()[]*?^,=~ö€x'`, `$'***'`],
  ['$ quotes in the C locale', `$'p@ss\\'w"o$r\\\\d\`!{~} #&;|<>()[]*?^,=~\\303\\266\\342\\202\\254x'`, `$'***'`],
])('a secret in %s', (_how, output, expected) => {
  test('is masked', () => expect(masked(`+ echo ${output} done`, HARD)).toBe(`+ echo ${expected} done`));
});

const has_bash = spawnSync('bash', ['-c', 'true']).status === 0;

describe.skipIf(!has_bash)('as bash itself prints it', () => {
  const SPELL = `set +o posix
    for s; do printf '%q\\0' "$s"; printf '%s\\0' "\${s@Q}"; a=$s; declare -p a | tr '\\n' '\\0'; (PS4=; set -x; : "$s") 2>&1 | tr '\\n' '\\0'; done`;
  const secret = fc
    .string({
      unit: fc.constantFrom(...Array.from('abcXYZ019_-+/=@%:,.~#!$&*()[]{}<>|;?^"\'\\` \tö€\u001b\u0007')),
      minLength: 4,
      maxLength: 24,
    })
    .filter((text) => text.trim() === text && Buffer.byteLength(text) >= 4);

  test.each(['C', 'C.UTF-8'])('none of it survives in locale %s', (locale) => {
    fc.assert(
      fc.property(fc.array(secret, { minLength: 20, maxLength: 20 }), (secrets) => {
        const said = execFileSync('bash', ['-c', SPELL, 'bash', ...secrets], { env: { ...process.env, LC_ALL: locale } }).toString();
        const out = masked(said, ...secrets).split('\0');
        for (const [at, text] of said.split('\0').entries()) if (text !== '') expect(out[at], text).toContain('***');
      }),
      { numRuns: 3 },
    );
  });
});
