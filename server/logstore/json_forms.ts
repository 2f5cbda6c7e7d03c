/** A text as it stands in JSON, without the quotes around it. What need not be escaped is, by those who think of JSON in a page. */

const NOT_ASCII = /[^\x20-\x7e]/g;
const BY_GO = /[<>&\u2028\u2029]/g;
const BY_GSON = /[<>&='\u2028\u2029]/g;
const BY_DOT_NET = /[^\x20-\x7e]|[<>&'+`]/g;

export function jsonForms(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1);
  const ascii = json.replace(NOT_ASCII, codeUnit);
  return [
    ...[json, ascii].flatMap((form) => [form, form.replaceAll('/', '\\/')]),
    ...[BY_GO, BY_GSON].map((escaped) => json.replace(escaped, codeUnit)),
    json.replaceAll('\\"', '\\u0022').replace(BY_DOT_NET, (unit) => codeUnit(unit).toUpperCase().replace('U', 'u')),
  ];
}

function codeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
