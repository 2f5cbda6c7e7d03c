import { describe, expect, test } from 'vitest';
import { diagnosisOf, LINE_LOOKED_AT_CHARS } from './diagnosis.ts';
import { FORMS } from './diagnosis_forms.ts';
import { hasDiagnosisTrigger } from './trigger_words.ts';

const REASONS: [string, string][] = [
  ['compiler', "src/a.ts(3,5): error TS2322: Type 'string' is not assignable to type 'number'."],
  ['compiler', 'a.c:3:5: fatal error: pump.h: No such file or directory'],
  ['compiler', 'a.c:3: error: expected ;'],
  ['compiler', 'lib.c:9:3: runtime error: signed integer overflow'],
  ['compiler', 'error[E0308]: mismatched types'],
  ['compiler', 'vet: ./sum.go:3:5: undefined: carry'],
  ['compiler', 'e: file:///src/Main.kt:12:8 Unresolved reference: lamp'],
  ['compiler', 'main.o: in function `main: main.c:9: undefined reference to `lamp'],
  ['compiler', 'ERROR in ./src/lamp.js 3:5'],
  ['compiler', '✘ [ERROR] Could not resolve "./lamp"'],
  ['compiler', "make: *** No rule to make target 'lamp'.  Stop."],
  ['test', 'lamp_test.cc:41: Failure'],
  ['test', '  Failed Opens.Twice [12 ms]'],
  ['test', 'not ok 3 - lamp # time=4ms'],
  ['exception', 'java.lang.NullPointerException'],
  ['exception', 'Unhandled exception. System.InvalidOperationException: no lamp'],
  ['exception', 'fatal error: all goroutines are asleep - deadlock!'],
  ['exception', 'PHP Fatal error:  Uncaught Lamp\\Dark: no oil in /src/lamp.php:3'],
  ['exception', '** (RuntimeError) no lamp'],
  ['exception', "lamp: lamp.c:9: light: Assertion `oil > 0' failed."],
  ['exception', "lamp.rb:3:in `light': undefined method `oil' for nil (NoMethodError)"],
  ['exception', "terminate called after throwing an instance of 'std::out_of_range'"],
  ['package', 'npm ERR! code E404'],
  ['package', '➤ YN0035: │ lamp@npm:9: Package not found'],
  ['package', 'go: example.org/lamp@v9.0.0: reading example.org/lamp/go.mod: 404 Not Found'],
  ['package', 'Err:5 http://deb.example.org stable Release'],
  ['shell', 'sh: 1: kubectl: not found'],
  ['shell', 'zsh: command not found: kubectl'],
  ['shell', "bash: line 3: syntax error near unexpected token `fi'"],
  ['shell', 'cat: lamp.txt: No such file or directory'],
  ['shell', 'ssh: connect to host lamp port 22: Connection refused'],
  ['shell', 'psql: error: connection to server at "lamp" failed'],
  ['shell', 'CONFLICT (content): Merge conflict in lamp.ts'],
  ['system', 'Killed'],
  ['system', '[ 91.2] Out of memory: Killed process 812 (node)'],
  ['system', 'write error: No space left on device'],
  ['system', '==71==ERROR: AddressSanitizer: heap-use-after-free'],
  ['system', 'Error from server (NotFound): deployments.apps "lamp" not found'],
  ['annotation', '::error file=a.ts,line=1::no lamp'],
  ['annotation', '##[error]Process completed with exit code 1.'],
];

const NO_REASONS = [
  '0 errors',
  'Compiled with 0 errors.',
  'error_page.html',
  'ok 3 - TypeError: is thrown',
  'not ok 4 - later # TODO',
  'test error::tests::shown ... ok',
  'test lamp ... FAILED',
  'tests/test_a.py::test_b FAILED  [ 33%]',
  '> Task :test FAILED',
  'FAIL\texample.org/lamp\t0.01s',
  'FAIL',
  'error: could not compile `lamp` due to 1 previous error',
  'error: test failed, to rerun pass `--lib`',
  '[ERROR] COMPILATION ERROR : ',
  '[ERROR] -> [Help 1]',
  'src/a.c:3:5: warning: error is unused',
  'checking for lamp.h... not found',
  'lamp: not found',
  '➤ YN0000: · Failed with errors in 0s 423ms',
  'INFO the last error: none',
  'Tests failed: 0',
  'at Object.error (lamp.js:3:5)',
];

test.each(REASONS)('%s: %s', (kind, line) => expect(diagnosisOf(line)?.kind).toBe(kind));
test.each(NO_REASONS)('no reason: %s', (line) => expect(diagnosisOf(line)).toBeNull());

test.each([
  ['2026-11-02T10:20:01.1234567Z error: no lamp', 'compiler'],
  ['#12 1.844 E: Unable to locate package lamp', 'package'],
  ['packages/shop build: src/a.ts(1,2): error TS1: no', 'compiler'],
  ['web-1  | TypeError: no lamp', 'exception'],
  ['[0] TypeError: no lamp', 'exception'],
])('behind what another tool puts before it: %s', (line, kind) => expect(diagnosisOf(line)?.kind).toBe(kind));

test('no form is met by a line without a trigger word: the prefilter hides nothing', () => {
  for (const [, line] of REASONS) expect({ line, found: hasDiagnosisTrigger(line) }).toEqual({ line, found: true });
});

test('of a long line only its beginning is looked at', () => {
  expect(diagnosisOf(`TypeError: ${'x'.repeat(1e6)}`)?.kind).toBe('exception');
  expect(diagnosisOf(`${' '.repeat(LINE_LOOKED_AT_CHARS)}TypeError: x`)).toBeNull();
});

describe('hostile lines take time linear in their length', () => {
  const LONG = 200_000;
  /** Quadratic, one of these takes longer than a minute. */
  const WITHIN_MS = 1_000;
  const filled = (part: string): string => part.repeat(Math.ceil(LONG / part.length));
  test.each([
    ' ',
    'a',
    '1',
    ':',
    '1:',
    ' > ',
    'a.',
    '(',
    ': ',
    'error',
    'error ',
    '[1',
    '# ',
    'E   ',
    "' ",
    'a/',
    '. ',
    'Error: ',
    'assertion ',
    ' FAILED',
    '\\',
  ])('of %j', (part) => {
    const lines = ['', 'go: ', 'not ok 1 ', '  Failed a', 'assertion ', 'a.rb:1:in ', '➤ YN0001: ', '::error ', 'a', "thread '"].map(
      (head) => head + filled(part),
    );
    const began = performance.now();
    for (const line of lines)
      for (const { looks } of FORMS)
        if (typeof looks === 'function') looks(line);
        else looks.test(line);
    for (const line of lines) diagnosisOf(line);
    expect(performance.now() - began).toBeLessThan(WITHIN_MS);
  });
});
