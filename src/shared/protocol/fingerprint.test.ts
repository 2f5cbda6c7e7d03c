/** What others read is fixed: a change of any schema changes this hash, and asks for a new PROTOCOL_VERSION. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { Answer, Command } from './commands.ts';
import { Chunk } from './events/chunk.ts';
import { eventShapes } from './events/event.ts';
import { FrameDown, FrameUp } from './frames.ts';
import { Stamp } from './envelope.ts';
import { PROTOCOL_VERSION } from './version.ts';

function fingerprint(): string {
  const events = Object.entries(eventShapes).map(([kind, shape]) => [kind, z.object(shape)] as const);
  const schemas = Object.fromEntries<z.ZodMiniType>([
    ...events,
    ['*stamp', Stamp],
    ['*chunk', Chunk],
    ['*down', FrameDown],
    ['*up', FrameUp],
    ['*command', Command],
    ['*answer', Answer],
  ]);
  const printed = Object.entries(schemas).map(([name, schema]) => [name, z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })]);
  return createHash('sha256')
    .update(sorted(Object.fromEntries(printed)))
    .digest('hex');
}

/** The order in which fields are written down means nothing. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_, v: unknown) =>
    typeof v === 'object' && v !== null && !Array.isArray(v)
      ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)))
      : v,
  );
}

test('no schema has changed without a new protocol version', () => {
  const known = readFileSync(new URL('fingerprint.txt', import.meta.url), 'utf8').trim();
  const now = `${PROTOCOL_VERSION} ${fingerprint()}`;
  expect(
    now,
    `A schema changed: bump PROTOCOL_VERSION, add golden/v<n>.jsonl and, where an old shape must be lifted, a step in upcast.ts; then write to fingerprint.txt:\n${now}\n`,
  ).toBe(known);
});
