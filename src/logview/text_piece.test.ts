import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PLAIN, parseLine, type Style } from './ansi.ts';
import { LINE_MAX, TextPiece, utf8Length } from './text_piece.ts';

const E = '\u001b';
function piece(...texts: string[]): TextPiece {
  const made = new TextPiece();
  let offset = 0;
  for (const text of texts) {
    made.feed(text, offset);
    offset += utf8Length(text);
  }
  return made;
}
const lines = (of: TextPiece): string[] => Array.from({ length: of.rows }, (_, row) => of.line(row).raw);
const shown = (of: TextPiece): unknown[] =>
  Array.from({ length: of.rows }, (_, row) => parseLine(of.line(row).raw, of.line(row).start).spans);

describe('lines', () => {
  test.each<[string, string[]]>([
    ['', []],
    ['a', ['a']],
    ['a\n', ['a']],
    ['a\nb', ['a', 'b']],
    ['a\r\nb\r\n', ['a', 'b']],
    ['a\r\r\nb', ['a', 'b']],
    ['\n\n', ['', '']],
    ['10%\r20%\r30%', ['30%']],
    ['10%\r20%\r', ['20%']],
    ['10%\r100%\ndone\n', ['100%', 'done']],
    ['\rx', ['x']],
  ])('%j', (text, expected) => expect(lines(piece(text))).toEqual(expected));

  test('a line end split between two chunks is one line end', () => expect(lines(piece('a\r', '\nb'))).toEqual(['a', 'b']));

  test('a colour set before a line was started over still holds', () =>
    expect(piece(`${E}[32m10%\r20%`).line(0).start).toMatchObject({ fg: 2 }));

  test('a line too long goes on in the next row, not inside a character nor inside a sequence', () => {
    expect(lines(piece('x'.repeat(LINE_MAX) + 'y\nz')).map((line) => line.length)).toEqual([LINE_MAX, 1, 1]);
    expect(lines(piece('x'.repeat(LINE_MAX - 1) + '😀'))).toEqual(['x'.repeat(LINE_MAX - 1), '😀']);
    expect(lines(piece(`${'x'.repeat(LINE_MAX - 3)}${E}[31mred`))).toEqual(['x'.repeat(LINE_MAX - 3), `${E}[31mred`]);
    expect(lines(piece('x'.repeat(LINE_MAX)))).toHaveLength(1);
  });
});

const part = fc.constantFrom(
  'a',
  'bc',
  '\r',
  '\n',
  '\r\n',
  E,
  '[3',
  '1m',
  `${E}[0m`,
  `${E}]0;t\u0007`,
  'é',
  '😀',
  '\t',
  'x'.repeat(LINE_MAX - 2),
);
const text = fc.array(part, { maxLength: 30 }).map((parts) => parts.join(''));

test('cut anywhere, the lines and their colours are the same', () => {
  fc.assert(
    fc.property(text, fc.array(fc.nat(200), { maxLength: 12 }), (whole, cuts) => {
      const at = [0, ...cuts.map((cut) => (whole.length === 0 ? 0 : cut % whole.length)).sort((a, b) => a - b), whole.length];
      const cut = at.slice(1).map((end, i) => whole.slice(at[i], end));
      expect(shown(piece(...cut))).toEqual(shown(piece(whole)));
    }),
  );
});

test('loaded before what was there, it is as if it had come in one', () => {
  // Without rows too long: where the two halves break those depends on where each half begins.
  const short = fc.array(fc.constantFrom('a', 'bc', '\r', '\n', '\r\n', 'é'), { maxLength: 30 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(short, fc.nat(400), (whole, cut) => {
      const at = whole.length === 0 ? 0 : cut % whole.length;
      const joined = piece(whole.slice(0, at));
      joined.absorb(piece(whole.slice(at)));
      joined.feed('|end', null);
      expect(lines(joined)).toEqual(lines(piece(`${whole}|end`)));
    }),
  );
});

describe('dropping the front', () => {
  const numbered = (from: number, to: number): string => Array.from({ length: to - from }, (_, i) => `line ${from + i}\n`).join('');

  test('begins at a line whose byte offset is exact', () => {
    const chunks = Array.from({ length: 20 }, (_, i) => numbered(i * 300, (i + 1) * 300));
    const all = piece(...chunks);
    const cut = all.dropFront(1000);
    expect(cut?.rows).toBeGreaterThanOrEqual(1000);
    const file = chunks.join('');
    expect(file.slice(cut!.from).startsWith(`${all.line(0).raw}\n`)).toBe(true);
    expect(all.line(0).raw).toBe(`line ${cut!.rows}`);
    expect(all.rows).toBe(6000 - cut!.rows);
  });

  test('bytes that could not be decoded are no place to cut at', () => {
    const all = piece(`\ufffd${numbered(0, 300)}`, `\ufffd${numbered(300, 900)}`);
    expect(all.dropFront(100)).toBeNull();
  });
});

test('a piece begins plain', () => expect(piece('x').line(0).start).toBe(PLAIN));

describe('what a line overwrote', () => {
  const whole = (text: string): { raw: string; start: Style }[] => rows(fed(text));
  const fed = (text: string): TextPiece => {
    const piece = new TextPiece();
    piece.feed(text, null);
    return piece;
  };
  const rows = (piece: TextPiece): { raw: string; start: Style }[] => Array.from({ length: piece.rows }, (_, i) => piece.line(i));
  const texts = [
    '\u001b[34mblue \u001b[31mred\rover\u001b[1mbold\ragain\nnext',
    'a\u001b[31mb\r\u001b[42mc\r\u001b[0md\u001b[4me\rf\ng',
    `${'x'.repeat(100)}\u001b[38;5;200my\rz\nnext`,
    'no escape\rat all\rin it\nnext',
    '\u001b[1m\r\r\u001b[3mx\r\n\u001b[31m\ry',
  ];

  test.each(texts)('colours it all the same, whatever is loaded first: %j', (text) => {
    for (let cut = 0; cut <= text.length; cut++) {
      for (const second of [cut, Math.min(text.length, cut + 3)]) {
        const [first, middle, last] = [fed(text.slice(0, cut)), fed(text.slice(cut, second)), fed(text.slice(second))];
        middle.absorb(last);
        first.absorb(middle);
        expect(rows(first), `cut at ${cut} and ${second}`).toEqual(whole(text));
      }
    }
  });
});
