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

/** Places that follow each other, the same ones in each sequence. */
export interface Core {
  /** Places before it. */
  from: number;
  places: number;
}

/** What each takes, ns; roughly. */
const COST_NS = {
  /** A byte of the log: for each place but the first. */
  place: 0.11,
  /** The same: that something not shown may stand between places. */
  gaps: 0.07,
  /** Where the core stands, to look at what is around it: twice what it takes, for logs that have more of its bytes than others. */
  stands: 52,
  /** Where something not shown stands behind one of its bytes. */
  gap: 40,
};
/** What is not shown begins at one byte in so many, where there are many colours. */
const GAPS_EVERY = 40;

/** By which the sequences are found at the least cost. @param most places it may have. */
export function coreOf(needle: Needle, most: number): Core {
  const length = Math.min(...needle.map((sequence) => sequence.length));
  let best: Core & { cost: number } = { from: 0, places: 1, cost: Infinity };
  for (let places = 1; places <= Math.min(most, length); places++)
    for (let from = 0; from + places <= length; from++) {
      const cost = costOf(needle.map((sequence) => sequence.slice(from, from + places)));
      if (cost < best.cost) best = { from, places, cost };
    }
  return { from: best.from, places: best.places };
}

function costOf(cores: readonly Sequence[]): number {
  const places = cores[0]?.length ?? 1;
  const inner = [...new Set(cores.flatMap((core) => core.slice(0, -1).flat()))];
  const between = places === 1 ? 0 : COST_NS.gaps + (chanceOf(inner) / GAPS_EVERY) * COST_NS.gap;
  return COST_NS.place * (places - 1) + between + COST_NS.stands * chanceOfAny(cores);
}
