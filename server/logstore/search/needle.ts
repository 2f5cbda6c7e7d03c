/** What is looked for in the bytes of a log: any of some sequences, each with the bytes that may stand at each of its places. */

/** None of them a line feed, or of a control character. */
export type ByteSet = readonly number[];
export type Sequence = readonly ByteSet[];

/** At most `SEQUENCES_MOST` sequences of 1 to `PLACES_MOST` places. */
export type Needle = readonly Sequence[];

/** The bytes of the logs in tests/fixtures from frequent to rare; any other is rarer than these. */
const FREQUENT = ` ernoidtsa":f.x,lp-1c/0ghmu2b_k=v4[*w3y)](65'8TOE7R9IFSCNAP`;
/** The share of a byte, roughly: of the first of them, of each after it by the one before, and of any other. */
const FIRST_CHANCE = 0.15;
const NEXT_CHANCE = 0.89;
const RARE_CHANCE = 0.0005;

const CHANCES = Float64Array.from({ length: 256 }, (_, byte) => {
  const rank = byte < 0x80 ? FREQUENT.indexOf(String.fromCharCode(byte)) : -1;
  return rank === -1 ? RARE_CHANCE : FIRST_CHANCE * NEXT_CHANCE ** rank;
});

/** How likely a byte of a log is of the set, roughly. */
function chanceOf(set: ByteSet): number {
  return Math.min(
    1,
    set.reduce((sum, byte) => sum + (CHANCES[byte] ?? 0), 0),
  );
}

/** How likely a place of a log is the beginning of one of the sequences, roughly. */
export function chanceOfAny(needle: Needle): number {
  return needle.reduce((sum, sequence) => sum + sequence.reduce((all, set) => all * chanceOf(set), 1), 0);
}

/** Where it is less likely that all of the places looked at are right, no other is looked at. */
const TELLING_CHANCE = 1 / 2_000;

/** The places by which the sequences are told from other text best, one or more, in this order. */
export function tellingPlaces(needle: Needle, most: number): number[] {
  const length = Math.min(...needle.map((sequence) => sequence.length));
  const places: number[] = [];
  const chance = (more: readonly number[]): number =>
    chanceOfAny(needle.map((sequence) => [...places, ...more].map((place) => sequence[place] ?? [])));
  while (places.length < Math.min(most, length) && (places.length === 0 || chance([]) > TELLING_CHANCE)) {
    const left = Array.from({ length }, (_, place) => place).filter((place) => !places.includes(place));
    places.push(left.reduce((best, place) => (chance([place]) < chance([best]) ? place : best)));
  }
  return places;
}
