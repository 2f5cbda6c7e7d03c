import { createReadStream, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { JUNIT_MAX_BYTES, JUnitError, mergeJunit, readJunit } from './junit.ts';
import { NAMES_MAX } from './summary.ts';

const read = (...parts: (string | Buffer)[]): ReturnType<typeof readJunit> => readJunit(Readable.from(parts));

function path(name: string): URL {
  return new URL(`./samples/${name}.xml`, import.meta.url);
}

describe('a report', () => {
  test('of vitest', async () => {
    expect(await readJunit(createReadStream(path('vitest_junit')))).toEqual({
      passed: 1,
      failed: 1,
      skipped: 1,
      failures: [{ name: 'sum.test.ts > sum > carries', message: 'expected 10 to be 11 // Object.is equality' }],
    });
  });

  test('of pytest', async () => {
    expect(await read(readFileSync(path('pytest_junit')))).toEqual({
      passed: 2,
      failed: 2,
      skipped: 1,
      failures: [
        { name: 'test_p > test_n[2]', message: 'assert 2 == 1' },
        { name: 'test_p > test_e', message: 'failed on setup with "RuntimeError: no db"' },
      ],
    });
  });

  test('counts a case once, forgives flaky ones, and takes the text of a failure without a message', async () => {
    const xml = `<testsuite tests="99"><system-out>noise</system-out>
      <testcase name="both"><failure><![CDATA[
        it broke here
        and there]]></failure><error message="and in teardown"/></testcase>
      <testcase name="flaky"><flakyFailure message="once"/></testcase>
      <testcase name="a.b.c" classname="a.b"><error/><system-out>not the reason</system-out></testcase>
      <testcase name="€"><failure message="costs"/></testcase>
    </testsuite>`;
    const bytes = Array.from(Buffer.from(xml), (byte) => Buffer.from([byte]));
    expect(await read(...bytes)).toEqual({
      passed: 1,
      failed: 3,
      skipped: 0,
      failures: [
        { name: 'both', message: 'it broke here' },
        { name: 'a.b.c', message: null },
        { name: '€', message: 'costs' },
      ],
    });
  });

  test('with colours and other control characters, as they are or by reference, wherever it is cut', async () => {
    const xml = `<testsuite><testcase name="a \u001b[31mred\u001b[39m \0\b one"><failure message="&#27;[1mbold&#x1B;[0m &amp; &#x9;&#65;&#233;"/></testcase>
      <testcase name="b" classname="test"><failure>\u001b[31m+ actual\u001b[39m</failure></testcase></testsuite>`;
    const found = [
      { name: 'a red  one', message: 'bold & \tAé' },
      { name: 'b', message: '+ actual' },
    ];
    expect((await read(xml)).failures).toEqual(found);
    expect((await read(...Array.from(xml))).failures).toEqual(found);
    await expect(read('<testsuite>&')).rejects.toThrow(JUnitError);
  });

  test('names only the first failures but counts all', async () => {
    const report = await read(
      '<testsuites>',
      ...Array.from({ length: 50 }, (_, at) => `<testcase name="t${at}"><failure message="x"/></testcase>`),
      '</testsuites>',
    );
    expect(report.failed).toBe(50);
    expect(report.failures).toHaveLength(NAMES_MAX);
    expect(mergeJunit([report, report])).toMatchObject({ failed: 100, failures: report.failures });
  });
});

test('secrets are taken out of names and messages before they are cut', async () => {
  const secret = 'a-long-secret-of-many-characters';
  const long = (chars: number): string => `${'x'.repeat(chars - 10)} ${secret}`;
  const report = `<testsuite><testcase name="${long(200)}"><failure message="${long(500)}"/></testcase><testcase name="b"><failure>\n${secret}</failure></testcase></testsuite>`;
  const { failures } = await readJunit(Readable.from([report]), (text) => text.replaceAll(secret, '***'));
  expect(failures).toEqual([
    { name: `${'x'.repeat(190)} ***`, message: `${'x'.repeat(490)} ***` },
    { name: 'b', message: '***' },
  ]);
});

describe('refused is', () => {
  test.each([
    ['a document type', '<!DOCTYPE x [<!ENTITY a "b">]><testsuite/>', /document type/],
    ['an entity of its own', '<testsuite><testcase name="&boom;"/></testsuite>', /not well-formed/],
    ['what is cut off', '<testsuite><testcase name="a">', /not well-formed/],
    ['what is not XML', 'no tests today', /not well-formed/],
    ['nothing', '', /not well-formed/],
    ['another format', '<coverage/>', /begins with <coverage>/],
    ['endless depth', '<testsuites>'.repeat(1000), /deeper/],
  ])('%s', async (_what, text, message) => {
    const failure = await read(text).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(JUnitError);
    expect((failure as JUnitError).message).toMatch(message);
  });

  test('a file beyond the bound, without reading it to its end', async () => {
    let given = 0;
    function* endless(): Generator<string> {
      yield '<testsuite>';
      for (;;) {
        given += 1_000_000;
        yield ' '.repeat(1_000_000);
      }
    }
    await expect(readJunit(Readable.from(endless()))).rejects.toThrow('larger than 32 MiB');
    expect(given).toBeLessThan(JUNIT_MAX_BYTES + 20_000_000);
  });
});
