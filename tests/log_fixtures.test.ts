import { describe, expect, test } from 'vitest';
import { surveyBytes, SURVEY_START } from '../server/logstore/worker/survey_bytes.ts';
import { MarkReader } from '../src/shared/output/mark_reader.ts';
import { foundBy, linesOf, logFixtures, readEveryLine } from './support/log_fixtures.ts';

const FIXTURES = logFixtures();
const LEAST_FOUND = 0.9;

test('there are at least forty, of 20 to 200 lines', () => {
  expect(FIXTURES.length).toBeGreaterThanOrEqual(40);
  for (const { data } of FIXTURES) expect(linesOf(data).length).toSatisfy((lines: number) => lines >= 20 && lines <= 200);
});

test('the first error is found in at least nine of ten', () => {
  const found = FIXTURES.filter(({ data, first }) => readEveryLine(data).errors[0]?.n === first?.n);
  expect(found.length / FIXTURES.length).toBeGreaterThanOrEqual(LEAST_FOUND);
});

describe.each(FIXTURES)('$name', ({ data, first, sections }) => {
  const reader = readEveryLine(data);
  test('its first error, or none', () => {
    const [mark] = reader.errors;
    expect(mark === undefined ? null : { n: mark.n, kind: mark.kind }).toEqual(first);
  });
  test('its sections', () => expect(foundBy(reader)).toMatchObject({ sections }));
  test('a survey of its bytes finds what reading each line does', async () => {
    const survey = new MarkReader();
    const log = { read: async (from: number, to: number) => data.subarray(from, to) };
    const { n } = await surveyBytes(survey, SURVEY_START, { log, bytes: data.length, closed: true, cancelled: () => false });
    survey.finish(n - 1);
    expect(foundBy(survey)).toEqual(foundBy(reader));
  });
});
