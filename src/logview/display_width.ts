/** Columns of text in a fixed-width font, and where a line is cut to wrap at so many columns: never within what is one character to a reader. */

const TAB = 8;
const ASCII = /^[\u0020-\u007e]*$/u;
/** Marks, what joins, and the later parts of a Korean syllable. */
const ZERO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]$/u;
/** East Asian wide and full-width forms, and what is an emoji by itself: near enough for placing line breaks. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1faff}\u{20000}-\u{3fffd}\p{Emoji_Presentation}]$/u;
/** Code points that others stand together with: without one, each is a character. */
const JOINS = /[\p{M}\p{Cf}\p{Emoji_Modifier}\p{Regional_Indicator}\u1160-\u11ff]/u;
/** Shown as one emoji, of whatever it is put together: with the selector of emoji, a joiner, a tone of skin, or as two letters of a flag. */
const EMOJI_OF_SEVERAL = /^\p{Emoji}.*[\ufe0f\u200d\p{Emoji_Modifier}]|^\p{Regional_Indicator}{2}/su;
const EMOJI_COLUMNS = 2;

let segmenter: Intl.Segmenter | null = null;

function* charactersOf(text: string): Generator<string> {
  if (!JOINS.test(text)) {
    yield* text;
    return;
  }
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  for (const { segment } of segmenter.segment(text)) yield segment;
}

function widthOf(character: string, column: number): number {
  if (character === '\t') return TAB - (column % TAB);
  if (character.length > 1 && EMOJI_OF_SEVERAL.test(character)) return EMOJI_COLUMNS;
  let width = 0;
  for (const point of character) width += ZERO_WIDTH.test(point) ? 0 : WIDE.test(point) ? 2 : 1;
  return width;
}

/** UTF-16 offsets at which the rows of a wrapped line begin; the first is 0. @param columns at least 2. */
export function wrapOffsets(text: string, columns: number): number[] {
  const offsets = [0];
  if (ASCII.test(text)) {
    for (let at = columns; at < text.length; at += columns) offsets.push(at);
    return offsets;
  }
  let column = 0;
  let at = 0;
  for (const character of charactersOf(text)) {
    const width = widthOf(character, column);
    if (column + width > columns && column > 0) {
      offsets.push(at);
      column = widthOf(character, 0);
    } else column += width;
    at += character.length;
  }
  return offsets;
}
