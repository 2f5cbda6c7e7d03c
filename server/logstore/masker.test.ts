import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMasker, type Masker } from './masker.ts';
import { secretForms } from './secret_forms.ts';

function mask(pieces: readonly (string | Buffer)[], forms: readonly (string | Buffer)[]): string {
  const masker = createMasker(forms.map((form) => Buffer.from(form as string, 'latin1')));
  return Buffer.concat([...pieces.map((piece) => pushed(masker, Buffer.from(piece as string, 'latin1'))), ended(masker)]).toString(
    'latin1',
  );
}

/** What a push gives out, copied in time; what was pushed is overwritten, as a read is by the next. */
function pushed(masker: Masker, data: Buffer): Buffer {
  const out: Buffer[] = [];
  masker.push(data, (piece) => out.push(Buffer.from(piece)));
  data.fill('?');
  return Buffer.concat(out);
}

function ended(masker: Masker): Buffer {
  const out: Buffer[] = [];
  masker.end((piece) => out.push(Buffer.from(piece)));
  return Buffer.concat(out);
}

/** What was written ends inside of an escape sequence. */
const OPEN = /\u001b(\[[ -?]*|[ -/]*)$/;
const CANCEL = '\u0018';
const CODE = /\u001b\[[0-?]*[ -/]*[@-~]?/g;

/** The obvious way, over the whole text at once, byte by byte. */
function maskedWhole(text: string, forms: readonly string[]): string {
  const codes = [...text.matchAll(CODE)].map(({ index, 0: code }) => [index, index + code.length] as const);
  const codeAt = (at: number) => codes.find(([begin, end]) => begin <= at && at < end);
  const places = Array.from({ length: text.length }, (_, at) => at);
  const spansIn = (some: string, at: (index: number) => number) =>
    forms.flatMap((form) =>
      places.filter((from) => some.startsWith(form, from)).map((from) => [at(from), at(from + form.length - 1) + 1] as const),
    );
  const shown = places.filter((at) => codeAt(at) === undefined);
  const solid = spansIn(text, (at) => at).map(([begin, end]) => [codeAt(begin)?.[0] ?? begin, end] as const);
  const painted = spansIn(shown.map((at) => text.charAt(at)).join(''), (at) => shown[at] ?? 0);
  // Those without a code in them are among the others.
  const spans = [...solid, ...painted.filter(([begin, end]) => codes.some(([from]) => begin < from && from < end))];
  let out = '';
  let given = 0;
  const give = (piece: string, at: number): void => {
    if (at !== given && OPEN.test(out)) out += CANCEL;
    out += piece;
    given = at + 1;
  };
  let end_of_mask = 0;
  for (let at = 0; at < text.length; at++) {
    const covering = spans.filter(([begin, end]) => begin <= at && at < end);
    if (covering.length === 0) give(text.charAt(at), at);
    else if (at >= end_of_mask) give('***', NaN);
    const [begin, end] = codeAt(at) ?? [at, at];
    if (begin < end && covering.length > 0 && end <= Math.max(...covering.map(([, last]) => last), end_of_mask)) {
      if (!solid.some((span) => span[0] < end && begin < span[1])) give(text.charAt(at), at);
    }
    end_of_mask = Math.max(end_of_mask, ...covering.map(([, last]) => last));
  }
  return out;
}

describe('a masker', () => {
  test.each([
    ['in the middle', ['a hunter2 b'], 'a *** b'],
    ['across a border', ['a hun', 'ter2 b'], 'a *** b'],
    ['byte by byte', Array.from('a hunter2 b'), 'a *** b'],
    ['twice in a row', ['hunter2hunter2'], '******'],
    ['at the very end', ['a hunter2'], 'a ***'],
    ['not quite', ['a hunter', '3'], 'a hunter3'],
    ['begun and never finished', ['a hunte'], 'a hunte'],
  ])('finds a secret %s', (_where, pieces, expected) => {
    expect(mask(pieces, ['hunter2'])).toBe(expected);
  });

  test('masks overlapping secrets as one, however they are split', () => {
    expect(mask(['xabcdey'], ['abcd', 'cde'])).toBe('x***y');
    expect(mask(['xabcd', 'ey'], ['abcd', 'cde'])).toBe('x***y');
    expect(mask(['aaaaa', 'aaaaaa', 'ab'], ['aaaa'])).toBe('***b');
  });

  test('holds back only what may begin a secret', () => {
    const masker = createMasker([Buffer.from('hunter2')]);
    expect(pushed(masker, Buffer.from('progress 10%')).toString()).toBe('progress 10%');
    expect(pushed(masker, Buffer.from('go hunt')).toString()).toBe('go ');
    expect(pushed(masker, Buffer.from('ing')).toString()).toBe('hunting');
    expect(ended(masker).toString()).toBe('');
  });

  test('gives the same for any split as for the whole, and never lets a secret through', () => {
    // Two letters make overlaps, repeats and near misses common.
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 60 });
    const secret = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 3, maxLength: 20 });
    fc.assert(
      fc.property(fc.array(text, { maxLength: 8 }), fc.array(secret, { minLength: 1, maxLength: 4 }), (pieces, secrets) => {
        const out = mask(pieces, secrets);
        expect(out).toBe(maskedWhole(pieces.join(''), secrets));
        for (const one of secrets) expect(out).not.toContain(one);
      }),
      { numRuns: 2000 },
    );
  });

  test.each<[string, string[], string, secret?: string]>([
    ['a code in the middle stays, behind the mask', ['a hun\u001b[31mter2 b'], 'a ***\u001b[31m b'],
    [
      'codes between all its bytes',
      Array.from('h\u001b[1mu\u001b[mn\u001b[0;1mt\u001b[Ke\u001b[mr\u001b[m2'),
      '***\u001b[1m\u001b[m\u001b[0;1m\u001b[K\u001b[m\u001b[m',
    ],
    ['codes around it stay where they are', ['\u001b[31mhunter2\u001b[0m!'], '\u001b[31m***\u001b[0m!'],
    ['a code cut by the border', ['hun\u001b', '[3', '1mter2'], '***\u001b[31m'],
    ['a code that looks like its beginning', ['\u001b[hunter2'], '***'],
    ['a code that looks like its beginning and never ends', ['a \u001b[11'], 'a ***', '[11'],
    ['two sequences without an end', ['hun\u001b[31\u001b[0mter2'], '***\u001b[31\u001b[0m'],
    ['another one with nothing in it', ['hun\u001b[31mdred'], 'hun\u001b[31mdred'],
    ['a sequence without an end before it is ended', ['a \u001b[3', '1\u00fchunter b'], 'a \u001b[31\u0018*** b', '\u00fchunter'],
    ['an escape too', ['a \u001b \u00fchunter b'], 'a \u001b \u0018*** b', '\u00fchunter'],
    ['one in the middle whose end went', ['h\u001b[31\u00fcnter b'], '***\u001b[31\u0018 b', 'h\u00fcnter'],
    ['nothing that is shown then spells one', ['[\u001b[\u001b[mabma'], '[\u001b[\u0018***bma', '[ma'],
  ])('in colours: %s', (_what, pieces, expected, secret = 'hunter2') => {
    expect(mask(pieces, [secret])).toBe(expected);
    expect(mask(Array.from(pieces.join('')), [secret])).toBe(expected);
  });

  test('gives the same for any split when codes are anywhere, and shows no secret', () => {
    const part = fc.constantFrom('a', 'b', 'm', 'abm', '\u001b[m', '\u001b[1m', '\u001b[', '\u001b', '[', '1', '\u00fc', 'aab', 'bba');
    const text = fc.array(part, { maxLength: 25 }).map((parts) => parts.join(''));
    const secret = fc.string({ unit: fc.constantFrom('a', 'b', 'm', '1', '[', '\u00fc'), minLength: 3, maxLength: 8 });
    fc.assert(
      fc.property(fc.array(text, { maxLength: 6 }), fc.array(secret, { minLength: 1, maxLength: 4 }), (pieces, secrets) => {
        const out = mask(pieces, secrets);
        const whole = pieces.join('');
        expect(out).toBe(maskedWhole(whole, secrets));
        expect(mask(Array.from(whole), secrets)).toBe(out);
        // The end of a code and what follows it may spell one by chance; what is shown never does.
        for (const one of secrets) expect(out.replace(CODE, '')).not.toContain(one);
      }),
      { numRuns: 5000 },
    );
  });

  test('a sequence that never ends is given out as it is', () => {
    const text = `hun\u001b[${'1'.repeat(200)}`;
    expect(mask(Array.from(text), ['hunter2'])).toBe(text);
  });

  test('finds each of many secrets of any length anywhere in a long text', () => {
    const secrets = fc.array(
      fc.string({ minLength: 3, maxLength: 80 }).map((text) => Buffer.from(text, 'utf8').toString('latin1')),
      {
        minLength: 1,
        maxLength: 12,
      },
    );
    fc.assert(
      fc.property(secrets, fc.array(fc.tuple(fc.string({ maxLength: 200 }), fc.nat())), (forms, parts) => {
        const text = parts.map(([noise, which]) => Buffer.from(noise).toString('latin1') + (forms[which % forms.length] ?? '')).join('');
        expect(mask([text], forms)).toBe(maskedWhole(text, forms));
      }),
      { numRuns: 300 },
    );
  });

  test('leaves arbitrary bytes without a secret unchanged', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (pieces) => {
        const masker = createMasker([Buffer.from('a secret nobody says by chance')]);
        const out = Buffer.concat([...pieces.map((piece) => pushed(masker, Buffer.from(piece))), ended(masker)]);
        expect(out.equals(Buffer.concat(pieces))).toBe(true);
      }),
    );
  });

  test('without secrets passes bytes through as they are', () => {
    const data = Buffer.from('as is');
    const given: Buffer[] = [];
    createMasker([]).push(data, (piece) => given.push(piece));
    expect(given).toEqual([data]);
    expect(given[0]).toBe(data);
  });
});

describe('the forms of a secret', () => {
  const secret = 'p@ss w/"ör"d';
  const said = [
    ['as it is', secret],
    ['in a URL', encodeURIComponent(secret)],
    ['in a form', encodeURIComponent(secret).replaceAll('%20', '+')],
    ['in JSON', JSON.stringify({ token: secret })],
    ['in ASCII JSON', '"p@ss w/\\"\\u00f6r\\"d"'],
    ['in JSON of PHP', '"p@ss w\\/\\"ör\\"d"'],
    ['in base64', Buffer.from(secret).toString('base64')],
    ['in base64url', Buffer.from(`${secret}???`).toString('base64url')],
    ['as a password of basic authentication', Buffer.from(`ana:${secret}`).toString('base64')],
    ['with one byte before it in base64', Buffer.from(`:${secret}:`).toString('base64')],
    ['with two bytes before it in base64', Buffer.from(`a:${secret}:x`).toString('base64')],
  ] as const;

  test.each(said)('cover it %s', (_how, text) => {
    const out = mask(
      [Buffer.from(text).toString('latin1')],
      secretForms([secret]).map((form) => form.toString('latin1')),
    );
    expect(out).toContain('***');
    // At most the characters of base64 that the secret shares with its neighbours are left.
    expect(out.replaceAll('***', '').length).toBeLessThanOrEqual(Buffer.byteLength(text) - Buffer.byteLength(secret));
    expect(out).not.toMatch(/p@ss|p%40ss|cEBzcyB|BAc3Mgd/);
  });

  test('a secret of several lines is masked line by line, even when indented anew', () => {
    const key = '-----BEGIN KEY-----\r\nAAAAB3NzaC1yc2E\r\nx\r\n-----END KEY-----\r\n';
    const forms = secretForms([key]).map((form) => form.toString('latin1'));
    expect(mask(['  AAAAB3NzaC1yc2E\n  x\n-----END KEY-----'], forms)).toBe('  ***\n  x\n***');
    expect(mask([key.trimEnd()], forms)).not.toMatch(/AAAAB|BEGIN|END/);
  });

  test.each([
    ['of one line is masked as one', '', /^\*\*\*$/],
    ['of several line by line', '\n', /^(\*\*\*\n)+\*\*\*$/],
  ])('in base64 that a tool broke into lines a long secret %s', (_how, feed, masked) => {
    const long = Array.from({ length: 60 }, (_, at) => `part ${at};`).join(feed);
    const broken = (
      Buffer.from(long)
        .toString('base64')
        .match(/.{1,76}/g) ?? []
    ).join('\n');
    expect(
      mask(
        [broken],
        secretForms([long]).map((form) => form.toString('latin1')),
      ),
    ).toMatch(masked);
  });

  test('values and lines below four bytes are not masked', () => {
    expect(secretForms(['abc', ''])).toEqual([]);
    expect(secretForms(['abcd']).map(String)).toContain('abcd');
    expect(secretForms(['{\n"key"\n}']).map(String)).not.toContain('{');
  });

  test('takes time in proportion to the data, also where codes stand in thousands of secrets', { timeout: 5_000 }, () => {
    const times = 50_000;
    const out = mask(['hun\u001b[1mter2 hunter2\n'.repeat(times)], ['hunter2']);
    expect(out === '***\u001b[1m ***\n'.repeat(times)).toBe(true);
  });
});
