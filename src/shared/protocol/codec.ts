/**
 * The only place that parses or prints frames and stored envelopes. Everything else handles typed values.
 * Bad input gives a `CodecError` with a sentence; it never gives a half-read value.
 */
import * as z from 'zod/mini';
import { readEnvelope, type Envelope } from './envelope.ts';
import { FrameDown, FrameUp, type PlainLagged, type PlainLogGap } from './frames.ts';
import type { Chunk } from './events/chunk.ts';
import { upcast } from './upcast.ts';
import { PROTOCOL_VERSION } from './version.ts';

export class CodecError extends Error {
  override readonly name = 'CodecError';
}

const NOT_A_FRAME = 'not a frame of this protocol';

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CodecError('not JSON', { cause });
  }
}

/** A frame's envelopes are read by a transform, and what a transform throws passes through `safeParse` too: hence `parse` and one catch. */
function fit<T>(read: () => T, what: string): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof z.core.$ZodError)) throw cause;
    throw new CodecError(`${what}: ${z.prettifyError(cause)}`, { cause });
  }
}

export function decodeFrameDown(text: string): FrameDown {
  const value = parseJson(text);
  return fit(() => FrameDown.parse(value), NOT_A_FRAME);
}

export function decodeFrameUp(text: string): FrameUp {
  const value = parseJson(text);
  return fit(() => FrameUp.parse(value), NOT_A_FRAME);
}

export function encodeFrame(frame: FrameDown | FrameUp): string {
  return JSON.stringify(frame);
}

/** The `events` frame around envelopes that `encodePlain` has printed: an envelope is printed once, whoever it goes to. */
export function encodeEvents(after: number, upto: number, items: readonly string[]): string {
  return `{"type":"events","after":${after},"upto":${upto},"items":[${items.join(',')}]}`;
}

/** One JSON text frame of the plain stream. */
export function encodePlain(item: Envelope | Chunk | PlainLagged | PlainLogGap): string {
  return JSON.stringify(item);
}

/** The stored form of a commit's envelopes. */
export function encodeEnvelopes(envelopes: readonly Envelope[]): string {
  return JSON.stringify(envelopes);
}

/** @param v the protocol version the commit was stored with. @throws RangeError when a later Signalbox stored it. */
export function decodeEnvelopes(text: string, v: number): Envelope[] {
  return readEnvelopes(parseJson(text), v);
}

/** What is stored of a commit besides its place. */
export interface CommitForm {
  first_seq: number;
  envelopes: readonly Envelope[];
  key?: string;
  body_hash?: string;
  answer?: unknown;
}

/** The stored form of commits that are kept together: one call prints them all, which costs half of printing them one by one. */
export function encodeCommits(commits: readonly CommitForm[]): string {
  return JSON.stringify(commits);
}

/** @param v the protocol version they were stored with. @throws CodecError, RangeError when a later Signalbox stored them. */
export function decodeCommits(text: string, v: number): CommitForm[] {
  const items = parseJson(text);
  if (!Array.isArray(items)) throw new CodecError('stored commits are not a list');
  return items.map((item: unknown) => {
    const { first_seq, envelopes, key, body_hash, answer } = fieldsOf(item);
    if (typeof first_seq !== 'number' || !(isText(key) && isText(body_hash))) throw new CodecError('a stored commit is damaged');
    return {
      first_seq,
      envelopes: readEnvelopes(envelopes, v),
      ...(key === undefined ? {} : { key }),
      ...(body_hash === undefined ? {} : { body_hash }),
      ...(answer === undefined ? {} : { answer }),
    };
  });
}

/** By hand: a schema for a frame as plain as this one costs more than reading the envelope in it. */
const isText = (value: unknown): value is string | undefined => value === undefined || typeof value === 'string';

function fieldsOf(item: unknown): Record<string, unknown> {
  if (typeof item !== 'object' || item === null) throw new CodecError('a stored commit is not an object');
  return item as Record<string, unknown>;
}

function readEnvelopes(items: unknown, v: number): Envelope[] {
  if (!Array.isArray(items)) throw new CodecError('stored envelopes are not a list');
  return items.map((item: unknown) => {
    if (typeof item !== 'object' || item === null) throw new CodecError('a stored envelope is not an object');
    const lifted = v === PROTOCOL_VERSION ? item : upcast(item as Record<string, unknown>, v, PROTOCOL_VERSION);
    return fit(() => readEnvelope(lifted), 'a stored envelope is damaged');
  });
}

/** The answer a command got, as schema 1 of the SQLite log stored it; its shape is for the reader to check. */
export function decodeAnswer(text: string): unknown {
  return parseJson(text);
}
