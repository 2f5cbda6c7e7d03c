/** A regular expression's source, token by token. Sources are JavaScript's without flag u, and valid. */

/** What stands at a place of the source. */
export type Token =
  | { type: 'literal'; source: string; text: string }
  | { type: 'class'; source: string; body: string; negated: boolean }
  | { type: 'open'; source: string; plain: boolean }
  | { type: 'close' | 'either' | 'quantifier' | 'assertion' | 'any'; source: string }
  | { type: 'escape'; source: string };

/** A name behind `\k` counts only where groups have names; elsewhere `k` stands for itself, and what follows is on its own. */
const NAMED_GROUP = /\(\?<(?![=!])/;
const TOKEN =
  /(?<class>\[(?:\\[\s\S]|[^\]\\])*\])|(?<escape>\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|c[a-zA-Z]|\d+|[\s\S]))|(?<open>\((?:\?(?:<?[=!]|:|<[^>]*>|[a-z-]*:))?)|(?<close>\))|(?<either>\|)|(?<quantifier>(?:[*+?]|\{\d+(?:,\d*)?\})\??)|(?<assertion>[\^$])|(?<any>\.)|(?<literal>[\s\S])/g;
const TOKEN_WITH_NAMES = new RegExp(TOKEN.source.replace('c[a-zA-Z]|', 'c[a-zA-Z]|k<[^>]*>|'), 'g');

export function tokensOf(source: string): Token[] {
  return [...source.matchAll(NAMED_GROUP.test(source) ? TOKEN_WITH_NAMES : TOKEN)].map(toToken);
}

function toToken({ 0: source, groups = {} }: RegExpExecArray): Token {
  if (groups['class'] !== undefined) {
    const negated = source.startsWith('[^');
    return { type: 'class', source, body: source.slice(negated ? 2 : 1, -1), negated };
  }
  if (groups['escape'] !== undefined)
    return /^\\[^\w\s]$/.test(source) ? { type: 'literal', source, text: source.slice(1) } : { type: 'escape', source };
  if (groups['open'] !== undefined) return { type: 'open', source, plain: /^\((?:$|\?:$|\?<[^=!])/.test(source) };
  for (const type of ['close', 'either', 'quantifier', 'assertion', 'any'] as const)
    if (groups[type] !== undefined) return { type, source };
  return { type: 'literal', source, text: source };
}
