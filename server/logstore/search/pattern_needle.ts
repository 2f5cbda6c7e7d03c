/**
 * What every match of a regular expression holds, as bytes: of all stretches of the pattern in which one character follows the other, the one that
 * tells a line best. Characters that may be of several lengths as bytes, or that may be left out, end a stretch; so does what is not understood.
 */
import { bytesOf, withBothCases, hasCases, isShown } from './byte_sets.ts';
import { PLACES_MOST, SEQUENCES_MOST } from './kernel_memory.ts';
import { chanceOfAny, type ByteSet, type Needle, type Sequence } from './needle.ts';
import { tokensOf, type Token } from './regex_tokens.ts';

export interface PatternNeedle {
  needle: Needle;
  /** What holds the needle matches. */
  sure: boolean;
}

/** More likely, it would be in too many lines. */
const CHANCE_MOST = 1 / 400;

/** @param source of a valid regular expression without flag u. @returns null when nothing is known that tells lines. */
export function patternNeedle(source: string, ignore_case: boolean): PatternNeedle | null {
  const reader = new Reader(tokensOf(source), ignore_case);
  const { all, held } = reader.either();
  const needle = all !== null && (held === null || chanceOfAny(all) <= chanceOfAny(held)) ? all : held;
  if (needle === null || chanceOfAny(needle) > CHANCE_MOST) return null;
  return { needle, sure: needle === all && !reader.asserts };
}

/** What a part of a pattern matches. */
interface Part {
  /** All of it is one of these; null when that cannot be said. Assertions are left out. */
  all: Needle | null;
  /** It holds one of these; null when none are known. */
  held: Needle | null;
}

const NOTHING: Part = { all: [[]], held: null };
const UNKNOWN: Part = { all: null, held: null };

class Reader {
  /** There was something that a match depends on and that is no byte of it. */
  asserts = false;
  readonly #tokens: readonly Token[];
  readonly #ignore_case: boolean;
  #at = 0;

  constructor(tokens: readonly Token[], ignore_case: boolean) {
    this.#tokens = tokens;
    this.#ignore_case = ignore_case;
  }

  /** Up to the end, or the parenthesis that closes. */
  either(): Part {
    const branches = [this.#sequence()];
    while (this.#tokens[this.#at]?.type === 'either') {
      this.#at++;
      branches.push(this.#sequence());
    }
    const any = (of: (part: Part) => Needle | null): Needle | null => bounded(allOf(branches.map(of))?.flat() ?? null);
    return branches.length === 1
      ? (branches[0] ?? UNKNOWN)
      : { all: any(({ all }) => all), held: any(({ all, held }) => better(all, held)) };
  }

  #sequence(): Part {
    const stretch = new Stretch();
    for (
      let token = this.#tokens[this.#at];
      token !== undefined && token.type !== 'either' && token.type !== 'close';
      token = this.#tokens[this.#at]
    ) {
      this.#at++;
      if (token.type === 'assertion' || isBoundary(token)) {
        this.asserts = true;
        this.#times();
      } else {
        const part = this.#part(token);
        stretch.add(part, this.#times());
      }
    }
    return stretch.end();
  }

  #part(token: Token): Part {
    switch (token.type) {
      case 'open': {
        const inner = this.either();
        this.#at++;
        if (token.plain) return inner;
        this.asserts = true;
        return UNKNOWN;
      }
      case 'literal':
        return this.#literal(token.text);
      case 'class':
      case 'escape': {
        const set = bytesOf(token);
        return set === null ? UNKNOWN : one([this.#anyCase(set)]);
      }
      case 'any':
      case 'quantifier':
        return UNKNOWN;
      case 'assertion':
      case 'either':
      case 'close':
        return NOTHING;
      default:
        return token satisfies never;
    }
  }

  #literal(text: string): Part {
    const next = this.#tokens[this.#at];
    const pair = next?.type === 'literal' && this.#tokens[this.#at + 1]?.type !== 'quantifier' ? text + next.text : '';
    const isPair = /^[\ud800-\udbff][\udc00-\udfff]$/.test(pair);
    if (isPair) this.#at++;
    const character = isPair ? pair : text;
    if (!isShown(character) || (this.#ignore_case && hasCases(character))) return UNKNOWN;
    return one([...Buffer.from(character)].map((byte) => this.#anyCase([byte])));
  }

  #anyCase(set: ByteSet): ByteSet {
    return this.#ignore_case ? withBothCases(set) : set;
  }

  /** How often what was read is there at least, and whether that is how often it is. */
  #times(): { least: number; exact: boolean } {
    const token = this.#tokens[this.#at];
    if (token?.type !== 'quantifier') return { least: 1, exact: true };
    this.#at++;
    const [, low, more, high] = /^\{(\d+)(,?)(\d*)\}/.exec(token.source) ?? [];
    if (low === undefined) return { least: token.source.startsWith('+') ? 1 : 0, exact: false };
    const least = Math.min(Number(low), PLACES_MOST + 1);
    return { least, exact: more === '' || low === high };
  }
}

/** Of parts that follow each other. */
class Stretch {
  /** What the end of what was added is one of. */
  #now: Needle = [[]];
  /** Everything that was added is in it. */
  #whole = true;
  #held: Needle | null = null;

  add({ all, held }: Part, { least, exact }: { least: number; exact: boolean }): void {
    if (all === null || least === 0) {
      this.#cut([[]]);
      if (least > 0) this.#hold(held);
      return;
    }
    let repeated: Needle = [[]];
    let times = 0;
    for (; times < least; times++) {
      const more = followed(repeated, all);
      if (more === null) break;
      repeated = more;
    }
    const joined = followed(this.#now, repeated);
    if (joined === null || times < least) {
      if (joined !== null) this.#now = joined;
      this.#cut(repeated);
      this.#hold(repeated);
    } else {
      this.#now = joined;
      if (!exact) this.#cut(repeated);
    }
  }

  end(): Part {
    const all = this.#whole ? this.#now : null;
    this.#hold(this.#now);
    return { all, held: this.#held };
  }

  /** What follows is not known to follow what is here, but for that it follows `behind`. */
  #cut(behind: Needle): void {
    this.#hold(this.#now);
    this.#now = behind;
    this.#whole = false;
  }

  #hold(needle: Needle | null): void {
    this.#held = better(this.#held, needle);
  }
}

/** The one that tells lines better; one that may be empty tells nothing. */
function better(a: Needle | null, b: Needle | null): Needle | null {
  if (a === null || mayBeEmpty(a)) return b === null || mayBeEmpty(b) ? null : b;
  return b === null || mayBeEmpty(b) || chanceOfAny(a) <= chanceOfAny(b) ? a : b;
}

function mayBeEmpty(needle: Needle): boolean {
  return needle.some((sequence) => sequence.length === 0);
}

/** Each of the first followed by each of the second; null when there are too many, or they are too long. */
function followed(first: Needle, second: Needle): Needle | null {
  return bounded(first.flatMap((begin) => second.map((end): Sequence => [...begin, ...end])));
}

function bounded(needle: Needle | null): Needle | null {
  if (needle === null || needle.length > SEQUENCES_MOST) return null;
  return needle.every((sequence) => sequence.length <= PLACES_MOST) ? needle : null;
}

function allOf(needles: readonly (Needle | null)[]): Needle[] | null {
  const all = needles.filter((needle) => needle !== null);
  return all.length === needles.length ? all : null;
}

function one(sequence: Sequence): Part {
  return { all: [sequence], held: null };
}

function isBoundary({ source }: Token): boolean {
  return source === '\\b' || source === '\\B';
}
