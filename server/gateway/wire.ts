/** Text as WebSocket frames, head and all: built once, then written to as many sockets as there are. A server's frames are not masked. */

const FINAL_TEXT = 0x81;
const [LENGTH_16, LENGTH_64] = [126, 127];

export function textFrame(text: string): Buffer {
  return textFrames([text]);
}

/** A frame for each, one after another, for one write. */
export function textFrames(texts: readonly string[]): Buffer {
  const lengths = texts.map((text) => Buffer.byteLength(text));
  const whole = lengths.reduce((sum, bytes) => sum + headOf(bytes) + bytes, 0);
  // Not from the pool: frames may be kept for a while, and would keep the pool's whole slab.
  const frames = Buffer.allocUnsafeSlow(whole);
  let at = 0;
  for (const [i, text] of texts.entries()) {
    const bytes = lengths[i] ?? 0;
    at += writeHead(frames, at, bytes);
    at += frames.write(text, at);
  }
  return frames;
}

function headOf(bytes: number): 2 | 4 | 10 {
  return bytes < LENGTH_16 ? 2 : bytes < 65_536 ? 4 : 10;
}

function writeHead(into: Buffer, at: number, bytes: number): number {
  const head = headOf(bytes);
  into.writeUInt8(FINAL_TEXT, at);
  into.writeUInt8(head === 2 ? bytes : head === 4 ? LENGTH_16 : LENGTH_64, at + 1);
  if (head === 4) into.writeUInt16BE(bytes, at + 2);
  if (head === 10) into.writeBigUInt64BE(BigInt(bytes), at + 2);
  return head;
}
