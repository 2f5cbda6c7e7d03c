import { describe, expect, test } from 'vitest';
import { excerpt, EXCERPT_LINE_MAX_CHARS } from './excerpt.ts';

describe('the lines that say why', () => {
  test.each([
    [
      'tsc',
      "src/a.ts(3,5): error TS2322: Type 'string' is not assignable to type 'number'.\nFound 1 error.\nnpm error Lifecycle script `build` failed with error:\nnpm error code 2\n",
      ["src/a.ts(3,5): error TS2322: Type 'string' is not assignable to type 'number'."],
    ],
    [
      'tsc, pretty',
      '\x1b[96msrc/a.ts\x1b[0m:\x1b[93m3\x1b[0m:\x1b[93m5\x1b[0m - \x1b[91merror\x1b[0m\x1b[90m TS2322: \x1b[0mNo.\n',
      ['src/a.ts:3:5 - error TS2322: No.'],
    ],
    [
      'a C compiler',
      "a.c: In function 'main':\na.c:3:5: error: unknown type name 'strin'\nmake: *** [Makefile:2: a.o] Error 1\n",
      ["a.c:3:5: error: unknown type name 'strin'", 'make: *** [Makefile:2: a.o] Error 1'],
    ],
    [
      'rustc',
      'error[E0308]: mismatched types\n --> src/lib.rs:3:5\nerror: aborting due to 1 previous error\nerror: could not compile `demo`\n',
      ['error[E0308]: mismatched types'],
    ],
    ['go', '# example.com/a\n./sum.go:3:5: undefined: carry\nFAIL\texample.com/a [build failed]\n', ['./sum.go:3:5: undefined: carry']],
    [
      'python',
      'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\nModuleNotFoundError: No module named \'yaml\'\n',
      ["ModuleNotFoundError: No module named 'yaml'"],
    ],
    [
      'node',
      "node:internal/modules/cjs/loader:1228\n  throw err;\n\nError: Cannot find module './x'\n    at Module._resolve (node:internal/x:1:1)\n\nNode.js v24.21.0\n",
      ["Error: Cannot find module './x'"],
    ],
    ['git', 'Cloning into a...\nfatal: repository not found\n', ['fatal: repository not found']],
    ['the shell', '+ deploy\nsh: 1: kubectl: not found\n', ['sh: 1: kubectl: not found']],
    ['bash', '/bin/bash: line 3: kubectl: command not found\n', ['/bin/bash: line 3: kubectl: command not found']],
    ['a mere mention', 'copying\nrsync: could not create folder\nall tests: 0 failed\nbye\n', ['rsync: could not create folder']],
    ['nobody', 'one\n\ntwo\nthree\n\nfour\n', ['two', 'three', 'four']],
    ['silence', '', []],
  ])('of %s', (_who, text, expected) => {
    expect(excerpt(text)).toEqual(expected);
  });

  test('are at most three, each once, and short', () => {
    const lines = [1, 2, 3, 4].map((at) => `Error: reason ${at} ${'x'.repeat(900)}`);
    const found = excerpt([...lines, ...lines].join('\n'));
    expect(found).toHaveLength(3);
    expect(found[0]).toMatch(/^Error: reason 1 x+…$/);
    expect(found.every((line) => line.length === EXCERPT_LINE_MAX_CHARS)).toBe(true);
  });

  test('are near the end: what was survived long before is not the reason', () => {
    expect(excerpt(`Error: survived\n${'working\n'.repeat(500)}TypeError: fatal one\n`)).toEqual(['TypeError: fatal one']);
  });
});
