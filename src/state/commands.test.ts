import { beforeEach, describe, expect, test } from 'vitest';
import type { Command } from '../shared/protocol/commands.ts';
import { envelope } from '../transport/frames_for_tests.ts';
import { Commands } from './commands.svelte.ts';
import type { CommandOutcome } from './submission.ts';

const confirm = { command: 'confirm', project: 'hello', tier: 'staging', decision: 'confirm' } as Command;
const reject = { ...confirm, decision: 'reject', comment: 'no' } as Command;
const APPLIED: CommandOutcome = { status: 'applied', seq_no: 7, run_id: null };

let sent: { key: string; asking: () => void; answer: (outcome: CommandOutcome) => void; fail: (error: unknown) => void }[];
let blocked: string | null;
let named: boolean;
let commands: Commands;

beforeEach(() => {
  sent = [];
  blocked = null;
  named = true;
  let keys = 0;
  commands = new Commands({
    send: (_, key, asking) => new Promise((answer, fail) => sent.push({ key, asking, answer, fail })),
    newKey: () => `key-${++keys}`,
    blocked: () => blocked,
    named: async () => named,
    now: () => 100,
  });
});

/** Until the command has been handed over. */
async function run(command: Command = confirm): Promise<{ running: Promise<CommandOutcome> }> {
  const before = sent.length;
  const running = commands.run(command);
  await expect.poll(() => sent.length).toBe(before + 1);
  return { running };
}

test('sending, then a receipt', async () => {
  const { running } = await run();
  expect(commands.pendingOf(confirm)).toMatchObject({ key: 'key-1', progress: { phase: 'sending' } });
  sent[0]!.asking();
  expect(commands.pendingOf(confirm)?.progress).toEqual({ phase: 'asking' });
  sent[0]!.answer(APPLIED);
  expect(await running).toEqual(APPLIED);
  expect(commands.pending).toEqual([]);
  expect(commands.receipts).toMatchObject([{ key: 'key-1', progress: { phase: 'done', outcome: APPLIED, at: 100 } }]);
});

test('the same lever is not pulled twice, whatever is said with it; another one is', async () => {
  await run();
  expect(await commands.run(reject)).toMatchObject({ status: 'not_sent' });
  await run({ command: 'confirm', project: 'hello', tier: 'production', decision: 'confirm' } as Command);
  expect(sent).toHaveLength(2);
});

test('nothing leaves a stale page, nor one without a name', async () => {
  blocked = 'No word from the server for 14 s.';
  expect(await commands.run(confirm)).toEqual({ status: 'not_sent', message: 'Nothing was sent. No word from the server for 14 s.' });
  blocked = null;
  named = false;
  expect(await commands.run(confirm)).toMatchObject({ status: 'not_sent' });
  expect(sent).toEqual([]);
});

test('sent again it keeps its key', async () => {
  const { running } = await run();
  sent[0]!.answer({ status: 'not_received' });
  await running;
  const again = commands.again(commands.receipts[0]!);
  expect(sent[1]!.key).toBe('key-1');
  sent[1]!.answer(APPLIED);
  expect(await again).toEqual(APPLIED);
  expect(commands.receipts).toHaveLength(1);
});

describe('an event with the key of a command is the better witness', () => {
  test('of one that got no answer', async () => {
    const { running } = await run();
    sent[0]!.answer({ status: 'failed', message: 'No answer.' });
    await running;
    commands.onEvents([envelope(8, { key: 'other' }), envelope(9, { key: 'key-1' })]);
    expect(commands.receipts[0]!.progress).toMatchObject({ outcome: { status: 'applied', seq_no: 9 } });
  });

  test('of one still on its way, and a later "not received" does not undo it', async () => {
    const { running } = await run();
    commands.onEvents([envelope(9, { key: 'key-1' }), envelope(10, { key: 'key-1' })]);
    expect(commands.pending).toEqual([]);
    sent[0]!.answer({ status: 'not_received' });
    expect(await running).toMatchObject({ status: 'applied', seq_no: 9 });
    expect(commands.receipts[0]!.progress).toMatchObject({ outcome: { status: 'applied', seq_no: 9 } });
  });

  test('of one whose answer does not come: it is not waited for, and not asked about when the request ends', async () => {
    const { running } = await run();
    commands.onEvents([envelope(9, { key: 'key-1' })]);
    expect(await running).toMatchObject({ status: 'applied', seq_no: 9 });
    sent[0]!.asking();
    expect(commands.pendingOf(confirm)).toBeNull();
    sent[0]!.answer({ status: 'not_received' });
    expect(commands.receipts[0]!.progress).toMatchObject({ outcome: { status: 'applied', seq_no: 9 } });
  });

  test('of one that was not received, when the request arrives after all', async () => {
    const { running } = await run();
    sent[0]!.answer({ status: 'not_received' });
    expect(await running).toEqual({ status: 'not_received' });
    commands.onEvents([envelope(9, { key: 'key-1' })]);
    expect(commands.receipts[0]!.progress).toMatchObject({ outcome: { status: 'applied', seq_no: 9 } });
  });

  test('of one that was refused', async () => {
    await run();
    commands.onEvents([
      envelope(9, { kind: 'command_refused', key: 'key-1', command: 'confirm', code: 'already_decided', message: 'Ben was before you.' }),
    ]);
    expect(commands.receipts[0]!.progress).toMatchObject({ outcome: { status: 'refused', refusal: { message: 'Ben was before you.' } } });
  });
});

test('a defect while sending ends in a sentence, not in a lever that hangs', async () => {
  const { running } = await run();
  sent[0]!.fail(new Error('boom'));
  expect(await running).toMatchObject({ status: 'failed' });
  expect(commands.pending).toEqual([]);
});
