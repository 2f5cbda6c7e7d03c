import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { capture } from './child.mjs';
import { ensurePackages } from './packages.mjs';
import { playwrightCounts, vitestCounts } from './test_plan.mjs';
import { ensureWeb } from './web.mjs';

let root;
const path = process.env.PATH;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'signalbox-bootstrap-'));
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
  process.env.PATH = path;
  rmSync(root, { recursive: true, force: true });
});

const put = (file, text, mode = 0o644) => {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
  chmodSync(join(root, file), mode);
};
const linesOf = (file) => (existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8').trim().split('\n').length : 0);

describe('packages', () => {
  const lock = (version) =>
    JSON.stringify({ packages: { '': {}, 'node_modules/a': { version }, 'node_modules/b': { version: '1', optional: true } } });
  /** An npm that writes down that it was called, and installs what the lock says. */
  const npm = (script) => {
    put('bin/npm', `#!/bin/sh\ncd '${root}'\necho "$@" >> calls\n${script}\n`, 0o755);
    process.env.PATH = `${join(root, 'bin')}${delimiter}/bin${delimiter}/usr/bin`;
  };
  const WORKS =
    'rm -rf node_modules; mkdir -p node_modules/node/bin; touch node_modules/node/bin/node; cp package-lock.json node_modules/.package-lock.json';

  it('are installed once, and again when the lock changes', async () => {
    put('package-lock.json', lock('1'));
    npm(WORKS);
    expect(await ensurePackages(root)).toBe(join(root, 'node_modules/node/bin/node'));
    await ensurePackages(root);
    expect(linesOf('calls')).toBe(1);
    put('package-lock.json', lock('2'));
    await ensurePackages(root);
    expect(linesOf('calls')).toBe(2);
  });

  it('that somebody installed by hand are taken as they are', async () => {
    put('package-lock.json', lock('1'));
    put('node_modules/.package-lock.json', JSON.stringify({ packages: { 'node_modules/a': { version: '1' } } }));
    put('node_modules/node/bin/node', '');
    npm('exit 9');
    await ensurePackages(root);
    expect(linesOf('calls')).toBe(0);
  });

  it('that fail to install are told in the words of npm', async () => {
    put('package-lock.json', lock('1'));
    npm('echo "no such registry" >&2; exit 1');
    await expect(ensurePackages(root)).rejects.toThrow(/could not be installed.*\n.*no such registry/);
  });

  it('cannot be installed without npm', async () => {
    put('package-lock.json', lock('1'));
    process.env.PATH = join(root, 'bin');
    await expect(ensurePackages(root)).rejects.toThrow('npm is not installed');
  });
});

describe('the pages', () => {
  const BUILDS = `const fs = require('fs'); const root = require('path').join(__dirname, '../../..');
    fs.mkdirSync(root + '/dist/web', { recursive: true }); fs.writeFileSync(root + '/dist/web/index.html', ''); fs.appendFileSync(root + '/builds', 'x\\n');`;
  const build = () => ensureWeb(root, process.execPath);
  beforeEach(() => {
    put('node_modules/vite/bin/vite.js', BUILDS);
    put('src/deep/main.ts', 'one');
  });

  it('are built when a source has changed, and only then', async () => {
    await build();
    await build();
    expect(linesOf('builds')).toBe(1);
    put('src/deep/main.ts', 'two');
    await build();
    put('index.html', 'new');
    await build();
    expect(linesOf('builds')).toBe(3);
    put('src/deep/main.test.ts', 'a test is no source of the pages');
    await build();
    expect(linesOf('builds')).toBe(3);
    rmSync(join(root, 'dist/web'), { recursive: true });
    await build();
    expect(linesOf('builds')).toBe(4);
  });

  it('are not vouched for after a build that failed', async () => {
    await build();
    put('node_modules/vite/bin/vite.js', 'console.error("no such import"); process.exit(1);');
    put('src/deep/main.ts', 'two');
    await expect(build()).rejects.toThrow(/could not be built:\nno such import/);
    await expect(build()).rejects.toThrow('could not be built');
    put('src/deep/main.ts', 'one');
    await expect(build()).rejects.toThrow('could not be built');
  });
});

describe('counts', () => {
  it('are what the runners counted', () => {
    expect(vitestCounts(0, { numPassedTests: 3, numFailedTests: 0, numPendingTests: 1, numTodoTests: 1 })).toEqual({
      passed: 3,
      failed: 0,
      skipped: 2,
    });
    expect(playwrightCounts(1, { stats: { expected: 4, unexpected: 1, flaky: 1, skipped: 2 } })).toEqual({
      passed: 4,
      failed: 2,
      skipped: 2,
    });
  });
  it('have one failure when a runner failed without saying where', () => {
    expect(vitestCounts(1, null)).toEqual({ passed: 0, failed: 1, skipped: 0 });
    expect(vitestCounts(1, { numPassedTests: 3, numFailedTests: 0 })).toMatchObject({ passed: 3, failed: 1 });
    expect(playwrightCounts(124, null)).toMatchObject({ failed: 1 });
  });
});

describe('a child', () => {
  it('is stopped at its deadline', async () => {
    const { code, output } = await capture(process.execPath, ['-e', 'console.log("begun"); setInterval(() => {}, 1000)'], {
      deadline_ms: 500,
    });
    expect(code).toBe(124);
    expect(output).toContain('longer than 0.5 s');
  });
  it('that cannot be started says so', async () => {
    expect(await capture(join(root, 'nothing'), [])).toMatchObject({ code: 127 });
  });
  it('gives its code and both streams', async () => {
    expect(await capture(process.execPath, ['-e', 'console.log("a"); console.error("b"); process.exit(3)'])).toEqual({
      code: 3,
      output: expect.stringMatching(/a[\s\S]*b|b[\s\S]*a/),
    });
  });
});
