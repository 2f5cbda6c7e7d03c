/**
 * Where bytes may be cut so that decoding the pieces gives the same text as decoding the whole. Follows the decoder of the Encoding
 * standard, which also says how invalid bytes are replaced: a sequence is broken off at the first byte that cannot continue it, and a
 * byte that can begin a sequence always does. So a cut can be judged by the last three bytes alone.
 */

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Lossy; a byte order mark is kept. */
export function decodeLossy(data: Buffer): string {
  return decoder.decode(data);
}

/** Of a multi-byte sequence: its length, and the range of its second byte (narrower than the others' where UTF-8 forbids values). */
interface Lead {
  length: number;
  low: number;
  high: number;
}

function leadAt(data: Buffer, at: number): Lead | null {
  const byte = data[at] ?? 0;
  if (byte >= 0xc2 && byte <= 0xdf) return { length: 2, low: 0x80, high: 0xbf };
  if (byte >= 0xe0 && byte <= 0xef) return { length: 3, low: byte === 0xe0 ? 0xa0 : 0x80, high: byte === 0xed ? 0x9f : 0xbf };
  if (byte >= 0xf0 && byte <= 0xf4) return { length: 4, low: byte === 0xf0 ? 0x90 : 0x80, high: byte === 0xf4 ? 0x8f : 0xbf };
  return null;
}

/** How many bytes the decoder takes at once from a lead on: the whole character, or the part before the byte that breaks it. */
function takenAt(data: Buffer, at: number, lead: Lead): number {
  for (let taken = 1; taken < lead.length; taken++) {
    const byte = data[at + taken];
    const [low, high] = taken === 1 ? [lead.low, lead.high] : [0x80, 0xbf];
    if (byte === undefined || byte < low || byte > high) return taken;
  }
  return lead.length;
}

/** @returns how many of the last bytes are a character that is not complete yet: 0 to 3. */
export function unfinished(data: Buffer): number {
  for (let back = 1; back <= 3 && back <= data.length; back++) {
    const lead = leadAt(data, data.length - back);
    if (lead) return lead.length > back && takenAt(data, data.length - back, lead) === back ? back : 0;
  }
  return 0;
}

/** @returns `at`, or where the character begins that `at` is inside of. */
export function characterStart(data: Buffer, at: number): number {
  for (let back = 1; back <= 3 && back <= at; back++) {
    const lead = leadAt(data, at - back);
    if (lead) return takenAt(data, at - back, lead) > back ? at - back : at;
  }
  return at;
}

/** Cuts into pieces of at most `max_bytes` (at least 4), between characters. */
export function cutPieces(data: Buffer, max_bytes: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let from = 0; from < data.length;) {
    const end = from + max_bytes >= data.length ? data.length : from + characterStart(data.subarray(from), max_bytes);
    pieces.push(data.subarray(from, end));
    from = end;
  }
  return pieces;
}
