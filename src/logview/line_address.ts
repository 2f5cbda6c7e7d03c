/**
 * Lines in an address: `#L12`, `#L12-20`, `#L12-20@34567`. The last is the byte the first line begins at: a line keeps its byte for ever, whatever comes to be
 * counted as a line, so it wins over the number.
 */

export interface ChosenLines {
  from: number;
  /** Inclusive. */
  to: number;
}

export interface LinkedLines extends ChosenLines {
  /** Byte offset of the first line; null when the address does not say it. */
  offset: number | null;
}

const LINES = /^#L([1-9]\d{0,14})(?:-([1-9]\d{0,14}))?(?:@(\d{1,15}))?$/;

/** Null when the address names no lines. */
export function chosenLines(hash: string): LinkedLines | null {
  const match = LINES.exec(hash);
  if (match === null) return null;
  const [from, to] = [Number(match[1]), Number(match[2] ?? match[1])];
  return { from: Math.min(from, to), to: Math.max(from, to), offset: match[3] === undefined ? null : Number(match[3]) };
}

/** @param offset of the first line, when it is known. */
export function lineHash({ from, to }: ChosenLines, offset: number | null = null): string {
  return `#L${from}${from === to ? '' : `-${to}`}${offset === null ? '' : `@${offset}`}`;
}

/** The lines that are meant. @param held the line that holds the byte of the address. */
export function movedTo({ from, to }: ChosenLines, held: number): ChosenLines {
  return { from: held, to: to - from + held };
}
