/**
 * Control characters in XML. It allows hardly any, but test runners write the colours of a message into their reports as they are, or as a reference
 * (`&#27;`); a report is not worthless for that. They are carried through the parser as characters of private use.
 */
import { plainText } from '../../src/shared/output/ansi.ts';

const PRIVATE = 0xe000;
const NOT_IN_XML = /[\0-\x08\x0b\x0c\x0e-\x1f]/g;
const REFERENCE = /&#(?:0*(\d{1,2})|x0*([0-9a-f]{1,2}));/gi;
const CARRIED = /[\ue000-\ue01f]/g;
/** A longer reference is none to a control character that anybody writes. */
const REFERENCE_MOST = 12;

export class ControlCharacters {
  /** What may be the beginning of a reference. */
  #rest = '';

  /** The next piece of a document as the parser takes it. */
  carried(text: string): string {
    const all = this.#rest + text;
    const begin = all.lastIndexOf('&');
    const isOpen = begin >= 0 && begin > all.length - REFERENCE_MOST && !all.includes(';', begin);
    this.#rest = isOpen ? all.slice(begin) : '';
    const whole = isOpen ? all.slice(0, begin) : all;
    return whole
      .replace(NOT_IN_XML, (character) => carry(character.charCodeAt(0)))
      .replace(REFERENCE, (reference, decimal: string | undefined, hexadecimal: string) => {
        const code = decimal === undefined ? Number.parseInt(hexadecimal, 16) : Number(decimal);
        const character = String.fromCharCode(code);
        return character.search(NOT_IN_XML) === 0 ? carry(code) : reference;
      });
  }

  /** What is left when nothing follows. */
  end(): string {
    return this.#rest;
  }
}

const carry = (code: number): string => String.fromCharCode(PRIVATE + code);

/** A text of the document as it is shown: without colours, and what else is no text. */
export function shownText(carried: string): string {
  return plainText(carried.replace(CARRIED, (character) => String.fromCharCode(character.charCodeAt(0) - PRIVATE)));
}
