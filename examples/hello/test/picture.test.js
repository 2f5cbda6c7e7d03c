import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { drawPicture, HEIGHT, WIDTH } from '../src/picture.js';
import { crc32 } from '../src/png.js';

test('a picture is a PNG of the size the pages say', () => {
  const png = drawPicture('Hello');
  assert.equal(png.subarray(1, 4).toString('latin1'), 'PNG');
  assert.equal(png.readUInt32BE(16), WIDTH);
  assert.equal(png.readUInt32BE(20), HEIGHT);
  const length = png.readUInt32BE(33);
  assert.equal(inflateSync(png.subarray(41, 41 + length)).length, (WIDTH * 3 + 1) * HEIGHT);
});

test('the same word gives the same picture, another word another', () => {
  assert.deepEqual(drawPicture('Hello'), drawPicture('Hello'));
  assert.notDeepEqual(drawPicture('Hello'), drawPicture('Hallo'));
});

test('checksums are those of the PNG standard', () => {
  assert.equal(crc32(Buffer.from('IEND')), 0xae426082);
});
