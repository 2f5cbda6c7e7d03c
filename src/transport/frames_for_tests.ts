/** Frames and envelopes as a server would send them, for tests. */
import { EMPTY_STATE, FOLD_VERSION, type State } from '../shared/fold/state.ts';
import type { Envelope } from '../shared/protocol/envelope.ts';
import type { FrameDownOf } from '../shared/protocol/frames.ts';
import { PROTOCOL_VERSION } from '../shared/protocol/version.ts';

export const AT = '2026-11-14T02:03:11.000Z';

export function envelope(seq_no: number, more: Record<string, unknown> = {}): Envelope {
  return { seq_no, id: `id-${seq_no}`, at: AT, project: 'hello', kind: 'backup_fetched', source: 'x', byte_size: 1, ...more } as Envelope;
}

export function hello(more: Partial<FrameDownOf<'hello'>> = {}): FrameDownOf<'hello'> {
  return {
    type: 'hello',
    boot_id: 'b',
    epoch: '1-a',
    head: 0,
    floor: 0,
    capacity: 256,
    server_version: '1.0.0',
    protocol: PROTOCOL_VERSION,
    fold_version: FOLD_VERSION,
    actor: null,
    now: AT,
    ...more,
  };
}

export function stateAt(seq_no: number): State {
  return { ...EMPTY_STATE, seq_no, at: AT, activity: seq_no === 0 ? [] : [envelope(seq_no)] };
}

export function snapshotParts(state: State, parts: number, epoch = '1-a'): FrameDownOf<'snapshot'>[] {
  const text = JSON.stringify(state);
  const size = Math.ceil(text.length / parts);
  return Array.from({ length: parts }, (_, i) => ({
    type: 'snapshot',
    epoch,
    seq_no: state.seq_no,
    part: i + 1,
    of: parts,
    text: text.slice(i * size, (i + 1) * size),
  }));
}

export function events(after: number, upto: number): FrameDownOf<'events'> {
  return { type: 'events', after, upto, items: Array.from({ length: upto - after }, (_, i) => envelope(after + i + 1)) };
}

export function replayed(upto: number): FrameDownOf<'replayed'> {
  return { type: 'replayed', upto, recovered: true };
}

export function ping(head: number, now = AT): FrameDownOf<'ping'> {
  return { type: 'ping', head, now };
}
