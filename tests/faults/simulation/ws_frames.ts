/** As much of RFC 6455 as a simulated viewer needs: whole frames of a server, masked frames of a client. */

export const OPCODE = { text: 1, close: 8, ping: 9, pong: 10 } as const;

/** @returns the first frame and its size on the wire, or null when it is not all there. */
export function frameOf(data: Buffer): { opcode: number; payload: Buffer; size: number } | null {
  if (data.length < 2) return null;
  const opcode = data.readUInt8(0) & 0x0f;
  const short = data.readUInt8(1) & 0x7f;
  const head = short === 127 ? 10 : short === 126 ? 4 : 2;
  if (data.length < head) return null;
  const length = short === 127 ? Number(data.readBigUInt64BE(2)) : short === 126 ? data.readUInt16BE(2) : short;
  const size = head + length;
  return data.length < size ? null : { opcode, payload: data.subarray(head, size), size };
}

/** With a mask of zeros, which changes nothing and is as good as any where nobody listens. */
export function maskedFrame(opcode: number, payload: Buffer): Buffer {
  const long = payload.length > 125;
  const head = Buffer.alloc(long ? 8 : 6);
  head.writeUInt8(0x80 | opcode, 0);
  head.writeUInt8(0x80 | (long ? 126 : payload.length), 1);
  if (long) head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}
