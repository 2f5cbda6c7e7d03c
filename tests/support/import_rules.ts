/**
 * Who may import whom. Imports point inward: protocol <- fold <- everything; adapters do not know each other but through ports; one file
 * wires. Reads the text of the imports only, so a wrong edge is found even when nothing runs it.
 */
import { posix } from 'node:path';
import ts from 'typescript';

export interface WrongEdge {
  from: string;
  to: string;
  why: string;
}

interface Zone {
  name: string;
  /** Of the paths in it, relative to the repository. */
  paths: RegExp;
  /** Zones it may import besides its own. */
  may: readonly string[];
  /** Packages it may import; all of them when left out. */
  packages?: RegExp;
}

const SHARED = ['protocol', 'fold', 'words'];
const BROWSER = /^(?!node:|fastify|@fastify|ws$|pino|commander|yaml)/;
const SERVER = /^(?!svelte|vite|reconnecting-websocket|sv-router|tinykeys)/;
const ADAPTERS = ['auth', 'deploy', 'emitters', 'eventlog', 'gateway', 'http', 'logstore', 'notify', 'runner', 'snapshots', 'telemetry'];

/** The first that matches counts. */
const ZONES: readonly Zone[] = [
  { name: 'protocol', paths: /^src\/shared\/protocol\//, may: [], packages: /^zod(?:\/mini)?$/ },
  { name: 'fold', paths: /^src\/shared\/fold\//, may: ['protocol'], packages: /^zod(?:\/mini)?$/ },
  { name: 'words', paths: /^src\/shared\//, may: ['protocol', 'fold'], packages: /^zod(?:\/mini)?$/ },
  { name: 'styles', paths: /^src\/styles\//, may: [] },
  { name: 'a11y', paths: /^src\/a11y\//, may: SHARED, packages: BROWSER },
  { name: 'logview', paths: /^src\/logview\//, may: [...SHARED, 'a11y'], packages: BROWSER },
  { name: 'charts', paths: /^src\/charts\//, may: [...SHARED, 'a11y'], packages: BROWSER },
  { name: 'plain', paths: /^src\/state\/(?:paths|submission)\.ts$|^src\/transport\/run_answer\.ts$/, may: SHARED, packages: BROWSER },
  { name: 'context', paths: /^src\/state\/context\.ts$/, may: [...SHARED, 'a11y', 'plain', 'state', 'transport'], packages: BROWSER },
  { name: 'components', paths: /^src\/components\//, may: [...SHARED, 'a11y', 'charts', 'logview', 'plain'], packages: BROWSER },
  { name: 'transport', paths: /^src\/transport\//, may: [...SHARED, 'context', 'plain'], packages: BROWSER },
  { name: 'state', paths: /^src\/state\//, may: [...SHARED, 'a11y', 'context', 'logview', 'plain', 'transport'], packages: BROWSER },
  {
    name: 'views',
    paths: /^src\/views\//,
    may: [...SHARED, 'a11y', 'charts', 'components', 'context', 'logview', 'plain', 'state', 'styles'],
    packages: BROWSER,
  },
  {
    name: 'pages',
    paths: /^src\//,
    may: [...SHARED, 'a11y', 'charts', 'components', 'context', 'logview', 'plain', 'state', 'styles', 'transport', 'views'],
    packages: BROWSER,
  },
  {
    name: 'ports',
    paths: /^server\/(?:.+\/)?(?:ports?|[a-z_]+_port|intent)\.ts$|^server\/config\/config\.ts$/,
    may: [...SHARED, 'base'],
    packages: SERVER,
  },
  { name: 'bus', paths: /^server\/bus\//, may: ['ports'], packages: /^node:/ },
  { name: 'guard', paths: /^server\/guard\//, may: [...SHARED, 'base', 'ports'], packages: SERVER },
  { name: 'config', paths: /^server\/config\//, may: [...SHARED, 'base', 'ports'], packages: SERVER },
  ...ADAPTERS.map((name) => ({
    name,
    paths: new RegExp(`^server/${name}/`),
    may: [...SHARED, 'base', 'ports', ...(name === 'http' || name === 'gateway' ? ['guard'] : [])],
    packages: SERVER,
  })),
  { name: 'reports', paths: /^server\/reports\//, may: [...SHARED, 'base', 'ports'], packages: SERVER },
  { name: 'pipeline', paths: /^server\/pipeline\//, may: [...SHARED, 'base', 'ports', 'config', 'reports'], packages: SERVER },
  { name: 'recorder', paths: /^server\/recorder(?:\/|\.ts$)/, may: [...SHARED, 'base', 'ports', 'pipeline'], packages: SERVER },
  // The example sets up a repository with the hook that pushes to any other are told by.
  { name: 'example', paths: /^server\/cli\/demo/, may: [...SHARED, 'base', 'ports', 'config', 'cli', 'emitters'], packages: SERVER },
  { name: 'cli', paths: /^server\/cli\//, may: [...SHARED, 'archive', 'base', 'ports', 'config'], packages: SERVER },
  { name: 'main', paths: /^server\/main\.ts$/, may: ['app', 'archived', 'cli', 'example'], packages: SERVER },
  { name: 'archive', paths: /^server\/archive\//, may: [...SHARED, 'base', 'ports'], packages: SERVER },
  // Wires what a backup is made of, as app.ts wires the server.
  { name: 'archived', paths: /^server\/archive\.ts$/, may: [...ADAPTERS, 'archive', 'base', 'ports'], packages: SERVER },
  {
    name: 'app',
    paths: /^server\/app(?:\/|\.ts$)/,
    may: [...SHARED, ...ADAPTERS, 'base', 'ports', 'bus', 'config', 'guard', 'pipeline', 'recorder'],
    packages: SERVER,
  },
  { name: 'base', paths: /^server\/[^/]+\.ts$/, may: [...SHARED, 'ports'], packages: SERVER },
  { name: 'scripts', paths: /^scripts\//, may: [], packages: /^node:/ },
];

/** Test code stands beside what it tests; nothing else may import it. */
const TEST_CODE =
  /\.test\.(?:ts|mjs)$|^server\/.*(?:_for_tests|_fixture|\/(?:contract(?:_\w+)?|(?:\w+_)?scene|given(?:_\w+)?|walk|invariants))\.ts$/;

/** Tests may build what they test from other rooms, but the two sides stay apart. */
const TEST_SIDES: readonly { side: RegExp; may: RegExp }[] = [
  { side: /^src\/shared\//, may: /^src\/shared\// },
  { side: /^src\//, may: /^src\// },
  { side: /^server\//, may: /^(?:server|src\/shared|tests\/support)\// },
];

/** @param path relative to the repository, with forward slashes. @param text of a .ts, .mjs or .svelte file. */
export function wrongEdges(path: string, text: string): WrongEdge[] {
  const isTest = TEST_CODE.test(path);
  return importsOf(path, text).flatMap((specifier) => {
    const why = isTest ? wrongInTest(path, specifier) : wrongInCode(path, specifier);
    return why === null ? [] : [{ from: path, to: specifier, why }];
  });
}

function wrongInCode(path: string, specifier: string): string | null {
  const from = zoneOf(path);
  if (from === null) return null;
  const target = resolved(path, specifier);
  if (target === null) return (from.packages ?? /./).test(specifier) ? null : `${from.name} may not use the package ${specifier}`;
  if (TEST_CODE.test(target)) return `${from.name} may not import test code`;
  const to = zoneOf(target);
  if (to?.name === from.name || (to !== null && from.may.includes(to.name))) return null;
  return `${from.name} may not import ${to === null ? 'from there' : to.name}`;
}

function wrongInTest(path: string, specifier: string): string | null {
  const rule = TEST_SIDES.find(({ side }) => side.test(path));
  const target = resolved(path, specifier);
  return rule === undefined || target === null || rule.may.test(target) ? null : 'tests of one side may not import the other';
}

function zoneOf(path: string): Zone | null {
  return ZONES.find(({ paths }) => paths.test(path)) ?? null;
}

/** Null for a package. */
function resolved(path: string, specifier: string): string | null {
  if (!specifier.startsWith('.') && !specifier.startsWith('/')) return null;
  return posix.join(posix.dirname(path), specifier.replace(/[?#].*$/, ''));
}

function importsOf(path: string, text: string): string[] {
  const code = path.endsWith('.svelte')
    ? [...text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map(([, script]) => script).join('\n')
    : text;
  return ts.preProcessFile(code, true, true).importedFiles.map(({ fileName }) => fileName);
}
