/** Text as one WebSocket frame, head and all: built once, then written to as many sockets as there are. A server's frames are not masked. */

const FINAL_TEXT = 0x81;
const [LENGTH_16, LENGTH_64] = [126, 127];

export function textFrame(text: string): Buffer {
  const bytes = Buffer.byteLength(text);
  const head = bytes < LENGTH_16 ? 2 : bytes < 65_536 ? 4 : 10;
  // Not from the pool: a frame may be kept for a while, and would keep the pool's whole slab.
  const frame = Buffer.allocUnsafeSlow(head + bytes);
  frame.writeUInt8(FINAL_TEXT, 0);
  frame.writeUInt8(head === 2 ? bytes : head === 4 ? LENGTH_16 : LENGTH_64, 1);
  if (head === 4) frame.writeUInt16BE(bytes, 2);
  if (head === 10) frame.writeBigUInt64BE(BigInt(bytes), 2);
  frame.write(text, head);
  return frame;
}
