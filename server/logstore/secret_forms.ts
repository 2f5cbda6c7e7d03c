/**
 * The spellings in which a secret turns up in a log: as it is, each of its lines, and as base64, in a URL, in JSON or quoted for a shell.
 * Computed once per run. Other spellings (hex, reversed, cut in two by the script) are not recognised: masking is a net under mistakes, not a vault.
 */

import { jsonForms } from './json_forms.ts';
import { shellForms } from './shell_forms.ts';
import { urlForms } from './url_forms.ts';

/** Shorter values, and shorter lines of a value, are not masked: they would blot out half of every log and be guessed from the blots. */
export const SECRET_MIN_BYTES = 4;

/** Widths at which base64 tools break lines: MIME and GNU `base64`, and PEM. */
const BASE64_WIDTHS = [76, 64];
/** By the bytes before it, modulo 3: so many characters of the base64 of something longer are not of the secret alone. */
const SHARED_FIRST = [0, 2, 3];
/** A shorter last line of broken base64 stays: `Cg==`, say, is the end of half of all encoded files. */
const BASE64_LINE_MIN_BYTES = 8;

/** @returns distinct byte strings of at least `SECRET_MIN_BYTES`. */
export function secretForms(secrets: readonly string[]): Buffer[] {
  const forms = new Set<string>();
  for (const secret of secrets) {
    for (const text of [secret, ...secret.split(/\r?\n/).map((line) => line.trim())]) {
      // A line below the bound gets no derived forms either: `{` of a JSON key would mask each `%7B`.
      if (Buffer.byteLength(text) < SECRET_MIN_BYTES) continue;
      for (const form of spellings(text)) forms.add(form);
    }
    if (Buffer.byteLength(secret) >= SECRET_MIN_BYTES) for (const form of brokenInside(secret)) forms.add(form);
  }
  return [...forms].map((form) => Buffer.from(form, 'utf8')).filter((form) => form.length >= SECRET_MIN_BYTES);
}

function spellings(text: string): string[] {
  return [text, ...jsonForms(text), ...urlForms(text), ...shellForms(text), ...base64Forms(Buffer.from(text, 'utf8'))];
}

function base64Forms(secret: Buffer): string[] {
  const whole = secret.toString('base64');
  const lines = BASE64_WIDTHS.flatMap((width) => whole.match(new RegExp(`.{1,${width}}`, 'g')) ?? []);
  const broken = lines.filter((line) => line.length >= BASE64_LINE_MIN_BYTES);
  const forms = [whole, whole.replace(/=+$/, ''), ...broken, ...[0, 1, 2].map((before) => base64Inside(secret, before))];
  return forms.flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]);
}

/** The same of a secret of one line when the base64 that it is part of is broken into lines: `user:secret`, say. It may begin in any column. */
function brokenInside(secret: string): string[] {
  if (/[\r\n]/.test(secret)) return [];
  return BASE64_WIDTHS.flatMap((width) =>
    SHARED_FIRST.flatMap((shared_first, before) => {
      const inside = base64Inside(Buffer.from(secret), before);
      return Array.from({ length: width / 4 }, (_, group) => brokenFrom(group * 4 + shared_first, inside, width));
    }),
  );
}

function brokenFrom(column: number, text: string, width: number): string {
  const first = text.slice(0, width - column);
  return [first, ...(text.slice(first.length).match(new RegExp(`.{1,${width}}`, 'g')) ?? [])].join('\n');
}

/** What stays the same of a secret's base64 when it is part of something longer (`user:secret`) and `before` bytes, modulo 3, precede it. */
function base64Inside(secret: Buffer, before: number): string {
  const text = Buffer.concat([Buffer.alloc(before), secret])
    .toString('base64')
    .replace(/=+$/, '');
  const shared_last = (before + secret.length) % 3 === 0 ? 0 : 1;
  return text.slice(SHARED_FIRST[before], text.length - shared_last);
}
