/** Columns of text in a fixed-width font, and where a line is cut to wrap at so many columns. */

const TAB = 8;
const ASCII = /^[\u0020-\u007e]*$/u;
const ZERO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
/** East Asian wide and full-width forms, and emoji: near enough for placing line breaks. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1faff}\u{20000}-\u{3fffd}]$/u;

function widthOf(character: string, column: number): number {
  if (character === '\t') return TAB - (column % TAB);
  if (ZERO_WIDTH.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** UTF-16 offsets at which the rows of a wrapped line begin; the first is 0. @param columns at least 2. */
export function wrapOffsets(text: string, columns: number): number[] {
  const offsets = [0];
  if (text.length <= columns && ASCII.test(text)) return offsets;
  let column = 0;
  let at = 0;
  for (const character of text) {
    const width = widthOf(character, column);
    if (column + width > columns && column > 0) {
      offsets.push(at);
      column = widthOf(character, 0);
    } else column += width;
    at += character.length;
  }
  return offsets;
}
