/** `$NAME` and `${NAME}` in an address or in what it must answer: filled in when it is asked. Only capitals, because an address may hold a `$` of its own. */
export const PLACEHOLDER = /\$(?:\{([A-Z_][A-Z0-9_]*)\}|([A-Z_][A-Z0-9_]*))/g;

/** The names in the text, as often as they stand there. */
export function placeholdersIn(text: string): string[] {
  return [...text.matchAll(PLACEHOLDER)].map(([, braced, bare]) => braced ?? bare ?? '');
}
