/** Sequences and control characters as text that can be read: ESC as ␛, the others likewise; C1, which have no picture, by their number. */

const PICTURES = 0x2400;
const PICTURE_OF_DELETE = '\u2421';
const DELETE = 0x7f;
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/gu;

export function visibleControl(text: string): string {
  return text.replace(CONTROL, (character) => {
    const code = character.charCodeAt(0);
    if (code === DELETE) return PICTURE_OF_DELETE;
    return code > DELETE ? `<${code.toString(16)}>` : String.fromCharCode(PICTURES + code);
  });
}
