/**
 * A regular expression's source made fit for many lines at once and for the linear engine. Sources are JavaScript's without flag u.
 *
 * Invariant: within a line, which never holds a line feed, the rewritten source matches what the given one does; only that it never reaches over a
 * line feed into the next line. Where that cannot be said of a source with certainty, there is no rewritten one, and lines are tested one by one.
 */
import { tokensOf, type Token } from './regex_tokens.ts';

export interface RegexSource {
  /** Never crosses a line; null when it might. To be used with flag m. */
  within: string | null;
  /** Finds any case without flag i, which the linear engine does not know; null when it needs the flag (or the case counts). */
  anyCase: string | null;
  /** `within` misses nothing where each byte of UTF-8 is taken for a character: what may stand for other characters than ASCII stands for any number of them. */
  any_bytes: boolean;
}

/** @param source of a valid regular expression. */
export function regexSource(source: string, ignoreCase: boolean): RegexSource {
  const tokens = tokensOf(source);
  const anyCase = ignoreCase ? joined(tokens, eitherCase) : null;
  const within = joined(tokens, (token) => {
    const part = inLine(token);
    return part === null || anyCase === null ? (part?.source ?? null) : eitherCase(part);
  });
  return { within, anyCase, any_bytes: tokens.every(isAnyBytes) };
}

function joined(tokens: readonly Token[], part: (token: Token) => string | null): string | null {
  let all = '';
  for (const token of tokens) {
    const one = part(token);
    if (one === null) return null;
    all += one;
  }
  return all;
}

const IN_LINE_ESCAPE: Readonly<Record<string, string>> = { '\\s': '[^\\S\\n]', '\\D': '[^\\d\\n]', '\\W': '[^\\w\\n]' };

/** The token without line feeds in what it matches, or null when that cannot be told. */
function inLine(token: Token): Token | null {
  switch (token.type) {
    case 'class':
      if (token.negated) return { ...token, source: `[^${token.body}\\n]`, body: `${token.body}\\n` };
      return /\\[sDWPpnxuc0]/.test(token.body) || /[\u0000-\u000a]|\\[tb]-/.test(token.body) ? null : token;
    case 'escape': {
      if (/^\\(?:[dwSbBtvfr]$|[1-9k])/.test(token.source)) return token;
      const source = IN_LINE_ESCAPE[token.source];
      return source === undefined ? null : { ...token, source };
    }
    // What follows a lookaround's place in a line is not what follows it among lines.
    case 'open':
      return token.plain ? token : null;
    case 'literal':
      return token.text === '\n' ? null : token;
    case 'close':
    case 'either':
    case 'quantifier':
    case 'assertion':
    case 'any':
      return token;
    default:
      return token satisfies never;
  }
}

/** Matches the same bytes as it does characters. */
function isAnyBytes(token: Token, at: number, tokens: readonly Token[]): boolean {
  const next = tokens[at + 1];
  const isRepeated = next?.type === 'quantifier' && /^[*+]/.test(next.source);
  switch (token.type) {
    case 'any':
      return isRepeated;
    case 'class':
      return /^[ -Z^-~]*$/.test(token.body) && (isRepeated || !token.negated);
    case 'escape':
      return /^\\[dwbntrfv]$/.test(token.source) || (isRepeated && /^\\[DW]$/.test(token.source));
    case 'literal':
      return /^[ -~]$/.test(token.text);
    case 'open':
      return token.plain;
    case 'close':
    case 'either':
    case 'quantifier':
    case 'assertion':
      return true;
    default:
      return token satisfies never;
  }
}

/** The token in either case, or null when only flag i knows the other cases. */
function eitherCase(token: Token): string | null {
  switch (token.type) {
    case 'literal':
      if (!/^[\u0000-\u007f]*$/.test(token.text)) return token.text.toLowerCase() === token.text.toUpperCase() ? token.source : null;
      return /^[a-z]$/i.test(token.text) ? `[${token.text.toLowerCase()}${token.text.toUpperCase()}]` : token.source;
    case 'class':
      return eitherCaseClass(token);
    case 'escape':
      return /^\\[dDwWsSbBnrtfv]$/.test(token.source) || token.source.startsWith('[') ? token.source : null;
    case 'open':
      return /^\(\?[a-z-]+:/.test(token.source) ? null : token.source;
    case 'close':
    case 'either':
    case 'quantifier':
    case 'assertion':
    case 'any':
      return token.source;
    default:
      return token satisfies never;
  }
}

/** Both cases of every ASCII letter and range of letters beside what is there. */
function eitherCaseClass({ source, body, negated }: Token & { type: 'class' }): string | null {
  if (!/^[\u0000-\u007f]*$/.test(body) || /\\[a-z]-|-\\[a-z]/i.test(body) || /\\[^dDwWsSnrtfv\]\\^$.*+?()[{}|/-]/.test(body)) return null;
  let more = '';
  for (const [, first = '', last = first] of body.replace(/\\[\s\S](?!-)/g, '').matchAll(/\\?([\s\S])(?:-([^\\]))?/g)) {
    for (const [low, high, shift] of [
      [65, 90, 32],
      [97, 122, -32],
    ] as const) {
      const from = Math.max(first.charCodeAt(0), low);
      const to = Math.min(last.charCodeAt(0), high);
      if (from <= to) more += `${String.fromCharCode(from + shift)}-${String.fromCharCode(to + shift)}`;
    }
  }
  if (more === '') return source;
  // Put first: a `-` that ends the body stays last.
  return `[${negated ? '^' : ''}${more}${body}]`;
}
