/** Where the kernels of a search have what in their memory, and which bytes mean something to them. */
import {
  BACKSLASH,
  BEL,
  beginsString,
  BRACKET,
  ESC,
  isFinal,
  isIntermediate,
  isParameter,
  isShortFinal,
} from '../../../src/shared/output/sequence.ts';

export const FEED = 10;
export const CR = 13;
export const DELETE = 0x7f;
/** The first of the two bytes of U+0080 to U+00BF; up to U+009F they are controls. */
export const C1_LEAD = 0xc2;
export { BACKSLASH, BEL, BRACKET, ESC };

/** Bytes that a kernel looks at together. */
export const STEP = 16;
/** What is looked through at once. */
export const PART_BYTES = 262_144;
/** Where a search puts its needle, and of each needle byte the bit that its cases differ in. */
export const NEEDLE_AT = 0;
export const FOLD_AT = 4_096;
export const NEEDLE_MOST_BYTES = FOLD_AT - NEEDLE_AT;
/** How many line feeds it passed. */
export const FEEDS_AT = 8_192;
/** By byte: its classes. */
export const CLASS_AT = 8_448;
/** By byte: whether the needle goes on behind it; by two bytes: whether they stand beside each other in it. */
export const GOES_ON_AT = 8_704;
export const JOINS_AT = 16_384;
/** What it found: of each line one word for the line feeds before it, one for the place, with a bit each for whether it is right behind a sequence and whether it is unsure. */
export const HITS_AT = 81_920;
export const HIT_BYTES = 8;
/** A needle's last byte is read this far behind the data at most, sixteen at a time; and a line feed is put there. */
export const SLACK_BYTES = NEEDLE_MOST_BYTES + 32;
const ROOM_BYTES = PART_BYTES + SLACK_BYTES;
/** Every other byte may be a line with a hit. */
export const SHOWN_AT = HITS_AT + HIT_BYTES * (PART_BYTES / 2 + 1);
export const DATA_AT = SHOWN_AT + ROOM_BYTES;
export const BLOCKS_AT = DATA_AT + ROOM_BYTES;

export const CLASS = { control: 1, parameter: 2, intermediate: 4, final: 8, shortFinal: 16, begins_string: 32, ends_string: 64 } as const;

export const CLASSES = Uint8Array.from({ length: 256 }, (_, byte) =>
  [
    (byte < 0x20 && byte !== 9 && byte !== FEED) || byte === DELETE || byte === C1_LEAD ? CLASS.control : 0,
    isParameter(byte) ? CLASS.parameter : 0,
    isIntermediate(byte) ? CLASS.intermediate : 0,
    isFinal(byte) ? CLASS.final : 0,
    isShortFinal(byte) ? CLASS.shortFinal : 0,
    beginsString(byte) ? CLASS.begins_string : 0,
    [BEL, ESC, CR, FEED].includes(byte) ? CLASS.ends_string : 0,
  ].reduce<number>((sum, bit) => sum | bit, 0),
);
