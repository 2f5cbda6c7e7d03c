/** Characters as the bytes of a log: what may stand for one that is a single byte, and whether any bytes do. */
import type { ByteSet } from './needle.ts';
import type { Token } from './regex_tokens.ts';

/** Bytes that were no UTF-8 are shown as this, so it stands for no bytes in particular. */
const REPLACEMENT = '\ufffd';
/** Nothing that is shown holds one. */
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/;

/** Whether text is shown where its bytes are, and nowhere else. */
export function isShown(text: string): boolean {
  return !text.includes(REPLACEMENT) && text.isWellFormed() && !CONTROL.test(text);
}

/** Of what is beyond ASCII: there the cases differ in more than a bit. */
export function hasCases(text: string): boolean {
  return /[\u0080-\uffff]/.test(text) && text.toLowerCase() !== text.toUpperCase();
}

/** The set with both cases of its letters. */
export function withBothCases(set: ByteSet): ByteSet {
  return [...new Set(set.flatMap((byte) => (isLetter(byte) ? [byte | 0x20, byte & ~0x20] : [byte])))];
}

function isLetter(byte: number): boolean {
  return /[a-z]/i.test(String.fromCharCode(byte));
}

const DIGITS = range(0x30, 0x39);
const ESCAPES: Readonly<Record<string, ByteSet>> = {
  '\\d': DIGITS,
  '\\w': [...DIGITS, ...range(0x41, 0x5a), 0x5f, ...range(0x61, 0x7a)],
  '\\t': [9],
};
const PRINTED = range(0x20, 0x7e);

/** What a class or an escape stands for, each a byte that is shown; null when that cannot be said. */
export function bytesOf(token: Token & { type: 'class' | 'escape' }): ByteSet | null {
  if (token.type === 'escape') return ESCAPES[token.source] ?? null;
  const { negated, body } = token;
  // Between ASCII and ASCII there is nothing else.
  if (negated || !/^(?:[ -\[\]-~]|\\[dwt]|\\[!-/:-@[-`{-~])+$/.test(body)) return null;
  // The engine itself tells what is of a class.
  const own = new RegExp(token.source);
  return [9, ...PRINTED].filter((byte) => own.test(String.fromCharCode(byte)));
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}
