/**
 * A text as shells write it: what `set -x`, `printf %q`, `declare -p` and generated scripts print. Without the quotes around it, so that it is
 * found inside a longer quoted text too.
 */

/** What bash puts a backslash before, outside quotes. */
const SPECIAL = /[\s'"\\|&;()<>!{}*[\]?^$`,]/g;

export function shellForms(text: string): string[] {
  const within_double = text.replace(/["$`\\]/g, '\\$&');
  return [
    text.replaceAll("'", `'\\''`),
    text.replaceAll("'", `'"'"'`),
    within_double,
    within_double.replaceAll('!', '\\!'),
    ...backslashed(text),
    ...ansiC(text),
  ];
}

/** `#` and `~` are special where a word begins only, `=` and `:` make some shells take what follows for one. */
function backslashed(text: string): string[] {
  const inside = text.replace(SPECIAL, '\\$&');
  const after_assignment = inside.replace(/(?<=[:=])~/g, '\\~');
  return [inside, after_assignment, ...[inside, after_assignment].map((form) => form.replace(/^[#~=]/, '\\$&'))];
}

const NAMED: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\u001b': '\\E',
  "'": "\\'",
  '\\': '\\\\',
};

/** `$'…'`. Other bytes beyond ASCII stay, or in the C locale become octal. */
function ansiC(text: string): string[] {
  const named = text.replace(/[\u0007-\r\u001b'\\]/g, (character) => NAMED[character] ?? character);
  const controls = named.replace(/[\u0000-\u001f\u007f]/g, octal);
  const ascii = controls.replace(/[^\u0000-\u007f]+/g, octal);
  return [controls, ascii].flatMap((form) => [form, form.replaceAll('\\E', '\\e'), form.replaceAll('\\E', '\\033')]);
}

function octal(text: string): string {
  return [...Buffer.from(text, 'utf8')].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}
