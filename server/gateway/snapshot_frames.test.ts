import { expect, it } from 'vitest';
import { decodeFrameDown } from '../../src/shared/protocol/codec.ts';
import { EMPTY_STATE } from '../../src/shared/fold/state.ts';
import { SNAPSHOT_PART_BYTES } from './limits.ts';
import { cutText, SnapshotFrames } from './snapshot_frames.ts';
import { textsOf } from './stand_ins_for_tests.ts';

it('cuts between characters, never inside one, and loses nothing', () => {
  const text = 'aé€😀'.repeat(50);
  for (let most = 4; most < 40; most++) {
    const pieces = cutText(text, most);
    expect(pieces.join('')).toBe(text);
    for (const piece of pieces) {
      expect(Buffer.byteLength(piece)).toBeLessThanOrEqual(most);
      expect(piece).not.toContain('\ufffd');
    }
  }
  expect(cutText('', 4)).toEqual([]);
});

it('prints parts of at most 64 KiB that join to the state, once for a head', () => {
  const why = 'ü"\n😀'.repeat(40_000);
  const state = { ...EMPTY_STATE, seq_no: 7, gaps: [{ from: 1, to: 2, why, at: '2026-01-01T00:00:00.000Z' }] };
  const snapshots = new SnapshotFrames();
  const frames = snapshots.of(state, '1-a');
  const parts = frames.map((frame) => decodeFrameDown(textsOf(frame)[0] ?? '')).filter((frame) => frame.type === 'snapshot');
  expect(parts.length).toBeGreaterThan(5);
  expect(parts.map(({ part, of, seq_no, epoch }) => [part, of, seq_no, epoch])).toEqual(
    parts.map((_, i) => [i + 1, parts.length, 7, '1-a']),
  );
  for (const { text } of parts) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(SNAPSHOT_PART_BYTES);
  expect(JSON.parse(parts.map(({ text }) => text).join(''))).toEqual(state);
  expect(snapshots.of(state, '1-a')).toBe(frames);
  expect(snapshots.of(state, '2-b')).not.toBe(frames);
  expect(snapshots.of({ ...state, seq_no: 8 }, '2-b')).not.toBe(frames);
});
