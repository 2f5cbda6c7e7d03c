/** Numbers of the config as people read them. */

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const SIZES = [
  [1e12, 'TB'],
  [1e9, 'GB'],
  [1e6, 'MB'],
  [1e3, 'kB'],
] as const;

export function countInWords(count: number, what: string): string {
  return `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;
}

/** In days, or hours below one. */
export function spanInWords(ms: number): string {
  return ms >= DAY_MS ? countInWords(Math.round(ms / DAY_MS), 'day') : countInWords(Math.ceil(ms / HOUR_MS), 'hour');
}

/** With powers of 1,000, rounded to three digits. */
export function bytesInWords(bytes: number): string {
  const [unit, name] = SIZES.find(([size]) => bytes >= size) ?? [1, bytes === 1 ? 'byte' : 'bytes'];
  return `${Number((bytes / unit).toPrecision(3))} ${name}`;
}
