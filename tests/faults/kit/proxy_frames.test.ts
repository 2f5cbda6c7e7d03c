import { expect, test } from 'vitest';
import { FrameFilter } from './proxy_frames.ts';

const ANSWER = Buffer.from('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n');

function frame(text: string, opcode = 1): Buffer {
  const payload = Buffer.from(text);
  if (payload.length < 126) return Buffer.concat([Buffer.from([0x80 | opcode, payload.length]), payload]);
  const head = Buffer.from([0x80 | opcode, 126, 0, 0]);
  head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}

const frames = [frame('a'), frame('b'.repeat(300)), frame('', 9), frame('c')];
const all = Buffer.concat([ANSWER, ...frames]);

test.each([1, 2, 3, 7, 64, 1_000])('pieces of %i bytes come out as they went in, one frame left out', (size) => {
  const filter = new FrameFilter();
  const dropped: string[] = [];
  filter.dropNext(
    ({ opcode, payload }) => opcode === 1 && payload.length > 1,
    (payload) => dropped.push(payload.toString()),
  );
  const out: Buffer[] = [];
  for (let at = 0; at < all.length; at += size) out.push(...filter.take(all.subarray(at, at + size)));
  expect(Buffer.concat(out).equals(Buffer.concat([ANSWER, ...frames.toSpliced(1, 1)]))).toBe(true);
  expect(dropped).toEqual(['b'.repeat(300)]);
});

test('a frame that is passing already is not cut', () => {
  const filter = new FrameFilter();
  const out = filter.take(Buffer.concat([ANSWER, frame('first').subarray(0, 4)]));
  filter.dropNext(
    () => true,
    () => undefined,
  );
  out.push(...filter.take(Buffer.concat([frame('first').subarray(4), frame('second'), frame('third')])));
  expect(Buffer.concat(out).equals(Buffer.concat([ANSWER, frame('first'), frame('third')]))).toBe(true);
});

test.each(['HTTP/1.1 200 OK\r\n\r\nbody', 'HTTP/1.1 10', 'no HTTP'])('"%s" passes at once', (text) => {
  expect(Buffer.concat(new FrameFilter().take(Buffer.from(text))).toString()).toBe(text);
});
