/** Where the kernels of a search have what in their memory, and which bytes mean something to them. */
import {
  BACKSLASH,
  BEL,
  beginsString,
  BRACKET,
  ESC,
  COLUMN,
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
export { BACKSLASH, BEL, BRACKET, ESC, COLUMN };

/** Bytes that a kernel looks at together. */
export const STEP = 16;
/** What is looked through at once. */
export const PART_BYTES = 262_144;
/** A needle is any of so many sequences of sets of bytes, each at most so long. */
export const SEQUENCES_MOST = 8;
export const PLACES_MOST = 64;
/** By place and byte: a bit for each sequence that has the byte there. By length: a bit for each sequence that is so long. */
export const SETS_AT = 0;
export const SETS_BYTES = 256;
export const LENGTHS_AT = SETS_AT + SETS_BYTES * PLACES_MOST;
/** By what the sequences are told, their core: up to three places that follow each other, the same ones in each: a word for the number of places before them, and one for theirs. */
export const CORE_PLACES = 3;
export const CORE_FROM_AT = LENGTHS_AT + 256;
export const CORE_PLACES_AT = CORE_FROM_AT + 4;
/** For each place of the core two tables, by the low and the high half of a byte there: a bit for each sequence. */
export const CORE_AT = CORE_FROM_AT + STEP;
export const CORE_BYTES = 2 * STEP;
/** The same for the bytes behind which a core goes on. */
export const GO_ON_AT = CORE_AT + CORE_PLACES * CORE_BYTES;
/** How many line feeds it passed. */
export const FEEDS_AT = GO_ON_AT + CORE_BYTES;
/** By byte: its classes. */
export const CLASS_AT = FEEDS_AT + STEP;
/** By byte: whether a core goes on behind it; by two bytes: whether they stand beside each other in one. */
export const GOES_ON_AT = CLASS_AT + 256;
export const JOINS_AT = GOES_ON_AT + 256;
/** What it found: of each line one word for the line feeds before it, one for the place, with a bit each for whether it is right behind a sequence and whether it is unsure. */
export const HITS_AT = JOINS_AT + 65_536;
export const HIT_BYTES = 8;
/** A needle's last byte is looked for this far behind the data at most, sixteen at a time; and a line feed is put there. */
export const SLACK_BYTES = PLACES_MOST + 4 * STEP;
const ROOM_BYTES = PART_BYTES + SLACK_BYTES;
/** Every other byte may be a line with a hit. */
export const SHOWN_AT = HITS_AT + HIT_BYTES * (PART_BYTES / 2 + 1);
export const DATA_AT = SHOWN_AT + ROOM_BYTES;
export const BLOCK_AT = DATA_AT + ROOM_BYTES;

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
