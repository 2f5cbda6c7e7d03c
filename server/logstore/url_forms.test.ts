import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maskedText } from './masked_text.ts';

const HARD = 'P@ss&w0rd!<x>~(1)/k=*2 $ö';

describe.each([
  ["Python's quote", 'P%40ss%26w0rd%21%3Cx%3E~%281%29/k%3D%2A2%20%24%C3%B6'],
  ["Python's quote with safe=''", 'P%40ss%26w0rd%21%3Cx%3E~%281%29%2Fk%3D%2A2%20%24%C3%B6'],
  ["Python's quote_plus and Go's QueryEscape", 'P%40ss%26w0rd%21%3Cx%3E~%281%29%2Fk%3D%2A2+%24%C3%B6'],
  ["PHP's urlencode", 'P%40ss%26w0rd%21%3Cx%3E%7E%281%29%2Fk%3D%2A2+%24%C3%B6'],
  [".NET's UrlEncode", 'P%40ss%26w0rd!%3cx%3e%7e(1)%2fk%3d*2+%24%c3%b6'],
  ["Go's UserPassword", 'P%40ss&w0rd%21%3Cx%3E~%281%29%2Fk=%2A2%20$%C3%B6'],
  ["Go's PathEscape", 'P@ss&w0rd%21%3Cx%3E~%281%29%2Fk=%2A2%20$%C3%B6'],
  ["Python's requests", 'P@ss&w0rd!%3Cx%3E~(1)/k=*2%20$%C3%B6'],
])('a secret as %s writes it', (_how, form) => {
  test('is masked', () => expect(maskedText(`GET https://h/?k=${form}&x`, [HARD])).toBe('GET https://h/?k=***&x'));
});

const secret = fc
  .string({ unit: fc.constantFrom(...Array.from('abcXYZ019_-+/=@%:,.~!$&*()[]{}<>|;?^"\'\\` ö€')), minLength: 4, maxLength: 24 })
  .filter((text) => text.trim() === text && Buffer.byteLength(text) >= 4);

test.each<[string, (text: string) => string, string]>([
  ['as the password of a URL', (text) => Object.assign(new URL('https://me@h/'), { password: text }).href, 'https://me:***@h/'],
  ['in the query of a URL', (text) => new URL(`https://h/?q=${text}&x`).href, 'https://h/?q=***&x'],
  ['among URLSearchParams', (text) => new URLSearchParams({ a: text, b: 'x' }).toString(), 'a=***&b=x'],
  ['by encodeURI', (text) => `/?q=${encodeURI(text)}`, '/?q=***'],
  ['by encodeURIComponent', (text) => `/?q=${encodeURIComponent(text)}`, '/?q=***'],
])('written %s nothing of a secret is left', (_where, written, masked) => {
  fc.assert(fc.property(secret, (text) => void expect(maskedText(written(text), [text])).toBe(masked)));
});
