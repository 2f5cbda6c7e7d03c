import fc from 'fast-check';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { ConfigError } from './config.ts';
import { loadConfig } from './load.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-fuzz-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const good = (): unknown => ({
  public_url: 'https://box.example.org',
  projects: [
    {
      id: 'hello',
      repo: './hello.git',
      env: { A: 'b' },
      secrets: [],
      build: { run: 'make', artifacts: ['dist'], timeout: '20m' },
      tiers: [
        {
          id: 'host',
          gates: [
            { id: 't', kind: 'command', run: 'x' },
            { kind: 'burn_in', for: '1m' },
          ],
        },
        {
          id: 'prod',
          nodes: [{ id: 'n', root: './n', health: { http: 'http://a', expect: 'x' } }],
          gates: [{ kind: 'http_check', http: 'http://a' }],
        },
      ],
    },
  ],
});

/** Puts `value` somewhere in the tree: `steps` choose the way down, the last one is replaced, added or renamed. */
function damaged(tree: unknown, steps: readonly number[], key: string, value: unknown): unknown {
  const [step = 0, ...rest] = steps;
  if (typeof tree !== 'object' || tree === null || rest.length === 0) return value;
  const keys = Object.keys(tree);
  const at = keys[step % (keys.length + 1)] ?? key;
  if (Array.isArray(tree)) return tree.map((item: unknown, index) => (String(index) === at ? damaged(item, rest, key, value) : item));
  return { ...tree, [at]: damaged((tree as Record<string, unknown>)[at], rest, key, value) };
}

const anything = fc.oneof(
  fc.constantFrom(null, '', [], {}, true, 0, -1, 1.5, 'x', '30m', [null], { kind: 'x' }, { kind: {} }, '\u0000'),
  fc.jsonValue({ maxDepth: 2 }),
);

it('takes any file for a config or refuses it with a place in it, and never breaks', () => {
  const file = join(folder, 'signalbox.yaml');
  let refused = 0;
  fc.assert(
    fc.property(fc.array(fc.nat(6), { minLength: 1, maxLength: 8 }), fc.string({ minLength: 1 }), anything, (steps, key, value) => {
      writeFileSync(file, stringify(damaged(good(), steps, key, value)));
      try {
        loadConfig(file, {});
      } catch (error) {
        refused += 1;
        expect(error).toBeInstanceOf(ConfigError);
        for (const line of (error as ConfigError).message.split('\n'))
          expect(line).toMatch(/^(?:\S*signalbox\.yaml:\d+:\d+: \S|and \d+ more$)/);
      }
    }),
    { numRuns: 250 },
  );
  expect(refused).toBeGreaterThan(50);
});
