import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PART_BYTES } from './form_kernel.ts';
import { formFinder, type Span } from './form_finder.ts';

/** The obvious way. */
function foundByLoop(data: Buffer, forms: readonly Buffer[]): Span[] {
  const spans: Span[] = [];
  for (const form of forms)
    for (let at = data.indexOf(form); at !== -1; at = data.indexOf(form, at + 1)) spans.push([at, at + form.length]);
  return inOrder(spans);
}

function inOrder(spans: readonly Span[]): Span[] {
  return [...spans].sort(([a, a_end], [b, b_end]) => a - b || a_end - b_end);
}

const letters = (most: number, least = 0) =>
  fc.string({ unit: fc.constantFrom('a', 'b', 'é'), minLength: least, maxLength: most }).map((text) => Buffer.from(text));
const distinct = fc.uniqueArray(letters(40, 3), { minLength: 1, maxLength: 6, selector: String });

test('finds every occurrence of each, in order of their beginnings', () => {
  fc.assert(
    fc.property(distinct, letters(300), (forms, data) => {
      const spans = formFinder(forms)(data);
      expect(inOrder(spans)).toEqual(foundByLoop(data, forms));
      expect(spans.map(([begin]) => begin)).toEqual(inOrder(spans).map(([begin]) => begin));
    }),
    { numRuns: 3_000 },
  );
});

test('also in what is longer than is looked through at once, wherever it lies', () => {
  const place = fc.nat({ max: 3 * PART_BYTES });
  const near = fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: -130, max: 130 })).map(([part, by]) => part * PART_BYTES + by);
  const tokens = fc.uniqueArray(fc.stringMatching(/^[!-~]{3,90}$/), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(tokens, fc.array(fc.oneof(place, near), { maxLength: 12 }), fc.constantFrom('.', '\0'), (texts, places, fill) => {
      const forms = texts.map((text) => Buffer.from(text));
      const data = Buffer.alloc(3 * PART_BYTES, fill);
      for (const [n, at] of places.entries()) forms[n % forms.length]?.copy(data, at);
      expect(inOrder(formFinder(forms)(data))).toEqual(foundByLoop(data, forms));
    }),
    { numRuns: 100 },
  );
});

test('the finders of several runs do not disturb each other', () => {
  const [one, other] = [formFinder([Buffer.from('aaa')]), formFinder([Buffer.from('bbbb')])];
  const data = Buffer.from('aaabbbb');
  for (let n = 0; n < 3; n++) expect([one(data), other(data)]).toEqual([[[0, 3]], [[3, 7]]]);
});
