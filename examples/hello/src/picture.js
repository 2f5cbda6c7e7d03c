/** A landscape with a signal, drawn from a word: the same word gives the same picture. */
import { layered, seedOf } from './noise.js';
import { encodePng } from './png.js';

export const WIDTH = 240;
export const HEIGHT = 120;
/** Samples each way per pixel, for smooth edges. */
const SAMPLES = 3;
const RIDGES = 4;

/** @returns red, green and blue, 0 to 255. Hue in turns, the others 0 to 1. */
function colour(hue, saturation, lightness) {
  const part = (shift) => {
    const k = (shift + (hue - Math.floor(hue)) * 12) % 12;
    return 255 * (lightness - saturation * Math.min(lightness, 1 - lightness) * Math.max(-1, Math.min(k - 3, 9 - k, 1)));
  };
  return [part(0), part(8), part(4)];
}

function sceneOf(word) {
  const seed = seedOf(word);
  const hue = (seed % 997) / 997;
  const ridges = Array.from({ length: RIDGES }, (_, ridge) => ({
    colour: colour(hue + 0.03 * ridge, 0.32, 0.56 - 0.12 * ridge),
    heights: Float64Array.from({ length: WIDTH * SAMPLES }, (_value, x) => {
      const rough = layered(seed + 31 * ridge, (x / SAMPLES / WIDTH) * (3 + ridge), ridge, 5);
      return HEIGHT * (0.38 + 0.15 * ridge + 0.34 * (0.5 - rough));
    }),
  }));
  const sun = {
    x: WIDTH * (0.2 + (0.6 * ((seed >>> 8) % 101)) / 101),
    y: HEIGHT * 0.34,
    radius: 15,
    colour: colour(hue + 0.45, 0.7, 0.78),
  };
  const sky = [0, 1, 2].map((tone) => colour(hue + 0.08, 0.42, 0.72 + 0.08 * tone));
  const mast = { x: WIDTH * (0.15 + (0.7 * ((seed >>> 16) % 103)) / 103), dark: colour(hue, 0.25, 0.1), lamp: colour(0.36, 0.6, 0.6) };
  return { seed, ridges, sun, sky, mast };
}

function sample({ seed, ridges, sun, sky, mast }, x, y) {
  const dx = x - mast.x;
  if (Math.hypot(dx, y - HEIGHT * 0.52) < 3.2) return mast.lamp;
  if ((Math.abs(dx) < 1.2 && y > HEIGHT * 0.5) || (Math.abs(dx) < 5 && Math.abs(y - HEIGHT * 0.55) < 9)) return mast.dark;
  for (let ridge = RIDGES - 1; ridge >= 0; ridge--) {
    if (y > ridges[ridge].heights[Math.floor(x * SAMPLES)]) return ridges[ridge].colour;
  }
  if (Math.hypot(x - sun.x, y - sun.y) < sun.radius) return sun.colour;
  return sky[Math.min(2, Math.floor(layered(seed, x / 60, y / 22, 5) * 4.2))];
}

/** @returns the bytes of a PNG file. */
export function drawPicture(word) {
  const scene = sceneOf(word);
  const pixels = Buffer.alloc(WIDTH * HEIGHT * 3);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const sum = [0, 0, 0];
      for (let n = 0; n < SAMPLES * SAMPLES; n++) {
        const seen = sample(scene, x + (n % SAMPLES) / SAMPLES, y + Math.floor(n / SAMPLES) / SAMPLES);
        for (let part = 0; part < 3; part++) sum[part] += seen[part];
      }
      for (let part = 0; part < 3; part++) pixels[(y * WIDTH + x) * 3 + part] = Math.round(sum[part] / (SAMPLES * SAMPLES));
    }
  }
  return encodePng(pixels, WIDTH, HEIGHT);
}
