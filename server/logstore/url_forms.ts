/**
 * A text as it stands in an address. Every language leaves other characters as they are, and each part of an address (a password, a path, a query)
 * others again.
 */

/** All else is kept by everybody. */
const MAYBE_NOT_KEPT = /[^A-Za-z0-9._-]/gu;
/** What is left as it is besides. */
const KEPT = [
  // encodeURIComponent, encodeURI
  "~!*'()",
  "~!*'();/?:@&=+$,#",
  // RFC 3986 to the letter: curl, PHP's rawurlencode, Python with safe=''; Python without
  '~',
  '~/',
  // URL of browsers and Node (and of Rust), where it stands as password, in the path, in the query
  "~!*'()$&+,%",
  "~!*'()$&+,%/:;=@[\\]|",
  '~!*()$&+,%/:;=?@[\\]^`{|}',
  // Go, as password and in the path
  '~$&+,;=',
  '~$&+:=@',
  // Python's requests
  "~!#$%&'()*+,/:;=?@[]",
];
/** The same in what a form sends, where a space is a plus: encodeURIComponent by those who know, Go and Python, browsers and Java, PHP. */
const KEPT_IN_FORMS = ["~!*'()", '~', '*', ''];
/** .NET's forms, with small letters. */
const KEPT_IN_SMALL_FORMS = '!*()';

export function urlForms(text: string): string[] {
  return [
    ...KEPT.map((kept) => percentEncoded(text, kept)),
    ...KEPT_IN_FORMS.map((kept) => spacesAsPluses(percentEncoded(text, kept))),
    spacesAsPluses(percentEncoded(text, KEPT_IN_SMALL_FORMS).replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())),
  ];
}

const spacesAsPluses = (form: string): string => form.replaceAll('%20', '+');

function percentEncoded(text: string, kept: string): string {
  return text.toWellFormed().replace(MAYBE_NOT_KEPT, (character) => (kept.includes(character) ? character : bytesOf(character)));
}

function bytesOf(character: string): string {
  return [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}
