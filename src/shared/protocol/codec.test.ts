import { describe, expect, test } from 'vitest';
import { CodecError, decodeCommits, decodeEnvelopes, encodeCommits, decodeFrameDown, decodeFrameUp, encodeFrame } from './codec.ts';
import { Command } from './commands.ts';
import { assertWritable, type Envelope } from './envelope.ts';
import type { FrameDown, FrameUp } from './frames.ts';
import { GateId, ProjectId, Sha, Version } from './ids.ts';
import { REFUSAL_TITLE, RefusalCode } from './refusals.ts';
import { PROTOCOL_VERSION } from './version.ts';

const at = '2026-11-14T02:03:11.004Z';
const stamp = { seq_no: 7, id: 'id-7', at, project: ProjectId.parse('hello') };
const thawed = { ...stamp, kind: 'tier_thawed', tier: 'production' };
const events = (...items: unknown[]): string => JSON.stringify({ type: 'events', after: 6, upto: 7, items });

describe('frames', () => {
  const chunk = { at, project: stamp.project, kind: 'gate_log_chunk', run_id: 1, seq: 0, text: 'ok\n', offset: 0, bytes: 3 } as const;
  const down: FrameDown[] = [
    {
      type: 'hello',
      boot_id: 'b',
      epoch: '1-a',
      head: 7,
      floor: 0,
      capacity: 256,
      server_version: '0.1.0',
      protocol: 1,
      fold_version: 1,
      actor: null,
      now: at,
    },
    { type: 'snapshot', epoch: '1-a', seq_no: 7, part: 1, of: 2, text: '{' },
    { type: 'replayed', upto: 7, recovered: true },
    { type: 'events', after: 6, upto: 7, items: [thawed] },
    { type: 'ping', head: 7, now: at },
    { type: 'chunk', chunk },
    { type: 'log_gap', run_id: 1, from: 0, to: 9 },
    { type: 'log_end', run_id: 1, bytes: 9 },
    { type: 'lagged', at, skipped: 3 },
    { type: 'error', code: 'malformed', message: 'Not a frame.', run_id: 1 },
  ];
  test.each(down)('down: $type comes out as it went in', (frame) => {
    expect(decodeFrameDown(encodeFrame(frame))).toEqual(frame);
  });

  const up: FrameUp[] = [
    { type: 'resume', epoch: null, after: null, id: null },
    { type: 'resume', epoch: '1-a', after: 7, id: 'id-7' },
    { type: 'watch', run_id: 1, offset: 0 },
    { type: 'unwatch', run_id: 1 },
    { type: 'pong' },
  ];
  test.each(up)('up: $type comes out as it went in', (frame) => {
    expect(decodeFrameUp(encodeFrame(frame))).toEqual(frame);
  });

  test('a later server may add fields; a client may not', () => {
    expect(decodeFrameDown(JSON.stringify({ type: 'ping', head: 7, now: at, mood: 'good' }))).toMatchObject({ mood: 'good' });
    expect(() => decodeFrameUp(JSON.stringify({ type: 'pong', mood: 'good' }))).toThrow(CodecError);
  });
});

test('commits come out of storage as they went in, with what a later Signalbox added left out', () => {
  const commits = [
    { first_seq: 7, envelopes: [thawed as unknown as Envelope] },
    {
      first_seq: 8,
      envelopes: [{ ...thawed, seq_no: 8 } as unknown as Envelope],
      key: 'k',
      body_hash: 'b',
      answer: { status: 'applied', seq_no: 8 },
    },
  ];
  expect(decodeCommits(encodeCommits(commits), PROTOCOL_VERSION)).toEqual(commits);
  expect(decodeCommits(JSON.stringify([{ ...commits[0], mood: 'good' }]), PROTOCOL_VERSION)).toEqual([commits[0]]);
});

describe('bad input is a CodecError, whatever is bad about it', () => {
  test.each([
    ['no JSON', '{'],
    ['nothing', ''],
    ['another type', '{"type":"song"}'],
    ['no object', '7'],
    ['a frame whose field is wrong', '{"type":"ping","head":-1,"now":"yesterday"}'],
    ['an envelope without a stamp', events({ kind: 'tier_thawed', tier: 'production' })],
    ['an envelope that is none', events(null)],
    ['an envelope without a kind', events(stamp)],
    ['a known kind whose field is wrong', events({ ...thawed, tier: '../etc' })],
    ['a kind that is no string', events({ ...thawed, kind: ['tier_thawed'] })],
  ])('%s', (_, text) => {
    expect(() => decodeFrameDown(text)).toThrow(CodecError);
    expect(() => decodeFrameUp(text)).toThrow(CodecError);
  });

  test.each(['{', '{}', '[7]', '[{}]', JSON.stringify([{ ...thawed, seq_no: 0 }])])('stored: %s', (text) => {
    expect(() => decodeEnvelopes(text, PROTOCOL_VERSION)).toThrow(CodecError);
  });

  test.each([
    '{',
    '{}',
    '[7]',
    '[{}]',
    '[{"first_seq":7}]',
    '[{"first_seq":"7","envelopes":[]}]',
    JSON.stringify([{ first_seq: 7, envelopes: [thawed], key: 7 }]),
    JSON.stringify([{ first_seq: 7, envelopes: [{ ...thawed, seq_no: 0 }] }]),
  ])('stored commits: %s', (text) => {
    expect(() => decodeCommits(text, PROTOCOL_VERSION)).toThrow(CodecError);
  });

  test('says where', () => {
    expect(() => decodeFrameDown(events({ ...thawed, tier: '../etc' }))).toThrow(/a tier id is letters[^]*tier/);
  });
});

describe('readers keep what they do not know', () => {
  const read = (envelope: object): unknown => decodeEnvelopes(JSON.stringify([envelope]), PROTOCOL_VERSION)[0];

  test('a kind', () => {
    const later = { ...stamp, kind: 'tier_repainted', colour: 'green', deep: { a: [1, null] } };
    expect(read(later)).toEqual(later);
    expect(decodeFrameDown(events(later))).toMatchObject({ items: [later] });
  });

  test('a field of the stamp and of a known kind', () => {
    const later = { ...thawed, mood: 'good', deep: { a: 1 } };
    expect(read(later)).toEqual(later);
  });

  test('a classification, a blocker, a failure', () => {
    const gate = { ...stamp, kind: 'gate_done', run_id: 1, tier: 'host', version: '1.0.0', gate: 'unit_tests' };
    const failed = { ...gate, outcome: { status: 'failed', classification: { type: 'out_of_paint', litres: 3 } } };
    expect(read(failed)).toEqual(failed);
    const odd = { ...gate, outcome: { status: 'failed', classification: { type: 'exit_code', code: 'SIGSEGV' } } };
    expect(read(odd)).toEqual(odd);
    const blocked = { ...gate, outcome: { status: 'blocked', blockers: [{ type: 'waits_for_rain' }] } };
    expect(read(blocked)).toEqual(blocked);
    const deploy = {
      ...stamp,
      kind: 'deploy_failed',
      tier: 'host',
      node: 'n',
      version: '1.0.0',
      failure: { type: 'struck_by_lightning', volts: 9 },
    };
    expect(read(deploy)).toEqual(deploy);
  });
});

describe('writers are strict', () => {
  test('a kind or a field that has no schema is a defect', () => {
    expect(() => assertWritable(thawed as unknown as Envelope)).not.toThrow();
    expect(() => assertWritable({ ...thawed, mood: 'good' })).toThrow('mood');
    expect(() => assertWritable({ ...thawed, kind: 'tier_repainted' })).toThrow('no schema for event kind tier_repainted');
  });

  test('a misspelt field of a command is an error, not silence', () => {
    const promote = { command: 'promote', project: 'hello', tier: 'production' };
    expect(Command.safeParse(promote).success).toBe(true);
    expect(Command.safeParse({ ...promote, hotfx: true }).success).toBe(false);
    expect(Command.safeParse({ command: 'lift_hold', project: 'hello', tier: 'production', version: '1.0.0', reason: '  ' }).success).toBe(
      false,
    );
  });
});

describe('names from outside', () => {
  test.each(['-rf', '.', '..', '../etc', 'a b', 'a/b', 'a\n', '', 'x'.repeat(64), 'constructor', 'toString', '__proto__'])(
    '%o is no name',
    (id) => {
      expect(GateId.safeParse(id).success).toBe(false);
    },
  );
  test.each(['unit_tests', 'e2e', '7', 'x'.repeat(63)])('%s is one', (id) => {
    expect(GateId.safeParse(id).success).toBe(true);
  });
  test.each(['--upload-pack=x', 'HEAD', 'a'.repeat(39), 'A'.repeat(40)])('%s is no sha', (sha) => {
    expect(Sha.safeParse(sha).success).toBe(false);
  });
  test.each(['1.0', '-1.0.0', '1.0.0/..', `1.0.0-${'x'.repeat(128)}`])('%s is no version', (version) => {
    expect(Version.safeParse(version).success).toBe(false);
  });
});

test('every refusal has a sentence, and nothing else is one', () => {
  for (const code of RefusalCode.options) expect(REFUSAL_TITLE[code]).toMatch(/^[A-Z].*\.$/);
  expect(RefusalCode.options.toSorted()).toEqual(Object.keys(REFUSAL_TITLE).toSorted());
  expect(RefusalCode.safeParse('tired').success).toBe(false);
});
