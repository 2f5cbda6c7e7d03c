import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';

const Names = z.record(z.string(), z.string()).optional();
const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({ version: z.string().optional(), resolved: z.string().optional(), optionalDependencies: Names }),
  ),
});
type Lock = z.infer<typeof Lock>;

const text = readFileSync(join(import.meta.dirname, '../package-lock.json'), 'utf8');
const lock = Lock.parse(JSON.parse(text));

/** Optional dependencies that the lock names but does not hold: `npm ci` fails on them, or leaves a platform without its binary. */
function missing({ packages }: Lock): string[] {
  return Object.entries(packages).flatMap(([path, entry]) =>
    Object.keys(entry.optionalDependencies ?? {})
      .filter((name) => !placesSeenFrom(path).some((place) => `${place}node_modules/${name}` in packages))
      .map((name) => `${path} -> ${name}`),
  );
}

/** The folders whose node_modules a package sees, from its own to the root. */
function placesSeenFrom(path: string): string[] {
  const parts = path.split('/node_modules/');
  return ['', ...parts.map((_, index) => `${parts.slice(0, index + 1).join('/node_modules/')}/`)];
}

it('holds every optional dependency it names', () => expect(missing(lock)).toEqual([]));

it('would find one that is missing, nested ones included', () => {
  const inner = { optionalDependencies: { b: '1' } };
  expect(missing({ packages: { 'node_modules/a': inner } })).toEqual(['node_modules/a -> b']);
  expect(missing({ packages: { 'node_modules/a': inner, 'node_modules/b': {} } })).toEqual([]);
  expect(missing({ packages: { 'node_modules/a': inner, 'node_modules/a/node_modules/b': {} } })).toEqual([]);
  expect(missing({ packages: { 'node_modules/x/node_modules/a': inner, 'node_modules/x/node_modules/b': {} } })).toEqual([]);
  expect(missing({ packages: { 'node_modules/a': inner, 'node_modules/x/node_modules/b': {} } })).toEqual(['node_modules/a -> b']);
});

it.each(['darwin-arm64', 'darwin-x64', 'linux-x64-gnu', 'linux-arm64-gnu', 'win32-x64-msvc'])('builds on %s', (platform) => {
  const names = Object.keys(lock.packages);
  expect(names).toContain(`node_modules/@rolldown/binding-${platform}`);
  expect(names).toContain(`node_modules/lightningcss-${platform}`);
});

it('names no registry host', () => {
  expect(Object.values(lock.packages).filter(({ resolved }) => resolved !== undefined)).toEqual([]);
});
