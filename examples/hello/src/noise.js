/** Value noise: the same for the same seed, on every machine. */

/** @returns 0 to 1 for whole coordinates. */
function lattice(seed, x, y) {
  let h = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1) ^ seed;
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 0xffffffff;
}

function smooth(seed, x, y) {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const u = (x - left) ** 2 * (3 - 2 * (x - left));
  const v = (y - top) ** 2 * (3 - 2 * (y - top));
  const upper = lattice(seed, left, top) * (1 - u) + lattice(seed, left + 1, top) * u;
  const lower = lattice(seed, left, top + 1) * (1 - u) + lattice(seed, left + 1, top + 1) * u;
  return upper * (1 - v) + lower * v;
}

/** Layers of noise, each twice as fine and half as strong. @returns 0 to 1. */
export function layered(seed, x, y, layers) {
  let sum = 0;
  let strength = 0.5;
  for (let layer = 0; layer < layers; layer++) {
    sum += smooth(seed + layer, x * 2 ** layer, y * 2 ** layer) * strength;
    strength /= 2;
  }
  return sum / (1 - 2 * strength);
}

/** A number from a word. */
export function seedOf(word) {
  let seed = 0x811c9dc5;
  for (const letter of word) seed = Math.imul(seed ^ letter.codePointAt(0), 0x01000193);
  return seed >>> 0;
}
