/** Sizes as people write them: `500MB`, `20 GB`, `1.5TB`, `512MiB`. */
const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

export const SIZE_PATTERN = /^(\d{1,9}(?:\.\d{1,3})?) ?(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)$/;

/** @returns bytes, rounded down; null when it is not a size. */
export function parseSize(text: string): number | null {
  const [, number = '', unit = ''] = SIZE_PATTERN.exec(text) ?? [];
  const bytes = Math.floor(Number(number) * (UNITS[unit] ?? Number.NaN));
  return number !== '' && Number.isSafeInteger(bytes) ? bytes : null;
}
