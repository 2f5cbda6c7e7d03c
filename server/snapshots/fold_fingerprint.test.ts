/** A snapshot of an earlier fold is believed when `FOLD_VERSION` says that the fold is the same: whoever changes the fold must not forget it. */
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fold } from '../../src/shared/fold/fold.ts';
import { EMPTY_STATE, FOLD_VERSION, type State } from '../../src/shared/fold/state.ts';
import { decodeEnvelopes } from '../../src/shared/protocol/codec.ts';
import { PROTOCOL_VERSION } from '../../src/shared/protocol/version.ts';

const GOLDEN = new URL(`../../src/shared/protocol/golden/v${PROTOCOL_VERSION}.jsonl`, import.meta.url);

/** Of the state after each of the golden events. */
function fingerprint(): string {
  const lines = readFileSync(GOLDEN, 'utf8').trim().split('\n');
  const states: State[] = [];
  for (const envelope of decodeEnvelopes(`[${lines.join(',')}]`, PROTOCOL_VERSION))
    states.push(fold(states.at(-1) ?? EMPTY_STATE, envelope));
  return hash('sha256', JSON.stringify(states));
}

test('the fold gives no other state for the same events without a new version', () => {
  const known = readFileSync(new URL('fold_fingerprint.txt', import.meta.url), 'utf8').trim();
  const now = `${FOLD_VERSION} ${fingerprint()}`;
  expect(
    now,
    `The fold gives another state for the golden events. Bump FOLD_VERSION, or servers go on from states of the fold before; not needed when only the golden file grew, or no release has this version yet. Then write to fold_fingerprint.txt:\n${now}\n`,
  ).toBe(known);
});
