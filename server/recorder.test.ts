import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { EMPTY_STATE, type State } from '../src/shared/fold/state.ts';
import { Command } from '../src/shared/protocol/commands.ts';
import { WHOLE_SERVER, type Envelope } from '../src/shared/protocol/envelope.ts';
import type { Event } from '../src/shared/protocol/events/event.ts';
import { ProjectId } from '../src/shared/protocol/ids.ts';
import type { Clock } from './clock.ts';
import { memoryEventLog } from './eventlog/memory.ts';
import { LogError, type Commit, type EventLog } from './eventlog/port.ts';
import { openSqliteEventLog } from './eventlog/sqlite.ts';
import { Failure, type FailureCode } from './failure.ts';
import type { Decision, Intent } from './pipeline/intent.ts';
import { BATCH_INTENTS, Recorder, WAITING_COMMANDS } from './recorder.ts';
import { KEY_KEPT_MS } from './recorder/key_index.ts';
import { systemRandom } from './uuid.ts';

const project = ProjectId.parse('hello');
const SHA = 'a'.repeat(40);

/** Rebuild is done, cancel_run is refused, confirm makes three events, redeploy breaks the rules, lift_hold is a defect. */
function decide(intent: Intent, state: State): Decision {
  if (intent.type === 'fact') {
    const { fact } = intent;
    if (fact.fact === 'events') return { type: 'events', drafts: fact.events.map((event) => ({ project: fact.project, event })) };
    return { type: 'nothing', why: 'it is settled' };
  }
  const { command } = intent;
  switch (command.command) {
    case 'rebuild':
      return { type: 'events', drafts: [{ project, event: aborted(state.seq_no) }], run_id: state.seq_no + 100 };
    case 'confirm':
      return {
        type: 'events',
        drafts: [
          { project, event: aborted(1) },
          { project, event: aborted(2), actor: 'system:pipeline' },
          { project: WHOLE_SERVER, event: aborted(3) },
        ],
      };
    case 'cancel_run':
      return { type: 'refused', project, refusal: { code: 'settled', message: 'Run 7 has ended already.' } };
    case 'redeploy':
      return { type: 'nothing', why: 'never for a command' };
    case 'promote': {
      const event = { ...aborted(0), surprise: true };
      return { type: 'events', drafts: [{ project, event }] };
    }
    default:
      throw new Error('a defect in deciding');
  }
}

/** Tells in its reason on which position it was decided. */
function aborted(seen: number): Event & { kind: 'build_aborted' } {
  return { kind: 'build_aborted', sha_aborted: SHA as (Event & { kind: 'build_aborted' })['sha_aborted'], reason: String(seen) };
}

const fold = (state: State, envelope: Envelope): State => ({
  ...state,
  seq_no: envelope.seq_no,
  at: envelope.at,
  activity: [...state.activity, envelope],
});

/** A log whose appends are counted and can be held up or made to fail. */
class TryingLog implements EventLog {
  readonly appends: Commit[][] = [];
  readonly inner: EventLog;
  fails: Error | null = null;
  gate: Promise<unknown> = Promise.resolve();
  constructor(inner: EventLog = memoryEventLog()) {
    this.inner = inner;
  }
  async append(commits: readonly Commit[], expect: { expect_head: number }): Promise<void> {
    this.appends.push([...commits]);
    await this.gate;
    if (this.fails !== null) throw this.fails;
    await this.inner.append(commits, expect);
  }
  read: EventLog['read'] = (...args) => this.inner.read(...args);
  readCommits: EventLog['readCommits'] = (...args) => this.inner.readCommits(...args);
  subscribe: EventLog['subscribe'] = (...args) => this.inner.subscribe(...args);
  ack: EventLog['ack'] = (...args) => this.inner.ack(...args);
  seek: EventLog['seek'] = (...args) => this.inner.seek(...args);
  lastSeqNo: EventLog['lastSeqNo'] = () => this.inner.lastSeqNo();
  bounds: EventLog['bounds'] = () => this.inner.bounds();
  close: EventLog['close'] = () => this.inner.close();
  get lost(): EventLog['lost'] {
    return this.inner.lost;
  }
}

let now_ms: number;
let log: TryingLog;
let published: Envelope[];
let reports: { what: string; error: unknown }[];
let notes: string[];
const clock: Clock = { now: () => now_ms, steady: () => now_ms, wakeAt: () => () => undefined, after: () => () => undefined };
const full = new LogError('full', 'no room');

beforeEach(() => {
  now_ms = Date.parse('2026-11-14T02:03:11.004Z');
  log = new TryingLog();
  published = [];
  reports = [];
  notes = [];
});

function boot(on: EventLog = log): Promise<Recorder> {
  return Recorder.open({
    log: on,
    clock,
    random: systemRandom,
    decide,
    fold,
    publish: (envelope) => void published.push(envelope),
    initial: EMPTY_STATE,
    report: (what, error) => void reports.push({ what, error }),
    note: (why) => void notes.push(why),
  });
}

const bodies = {
  rebuild: {},
  confirm: { tier: 'staging' },
  cancel_run: { run_id: 7 },
  redeploy: { tier: 'staging' },
  promote: { tier: 'staging' },
  lift_hold: { tier: 'staging', version: '1.0.0', reason: 'why' },
};
function asks(command: keyof typeof bodies, key: string | null = null, body_hash: string | null = key === null ? null : 'b0'): Intent {
  const where = command === 'cancel_run' ? {} : { project };
  return { type: 'command', command: Command.parse({ command, ...where, ...bodies[command] }), actor: 'local:ana', key, body_hash };
}
const happened = (...events: Event[]): Intent => ({ type: 'fact', fact: { fact: 'events', project, events }, actor: 'system:pipeline' });
const settled: Intent = { type: 'fact', fact: { fact: 'burn_in_elapsed', project, run_id: 1 }, actor: 'system:pipeline' };

const stored = async (): Promise<Envelope[]> => (await log.read(0, 1000)).envelopes;
const numbersOf = (envelopes: readonly Envelope[]): number[] => envelopes.map(({ seq_no }) => seq_no);
const upTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1);
const failure = (code: FailureCode): unknown => expect.objectContaining({ name: 'Failure', code });

/** Appends wait from now on. @returns what lets them go. */
function holdAppends(): () => void {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  log.gate = promise;
  return () => resolve(undefined);
}

describe('what is recorded', () => {
  test('an event gets its number, identity, time, actor and key; the answer names its number and run', async () => {
    const recorder = await boot();
    expect(await recorder.record(asks('rebuild', 'k1'))).toEqual({ status: 'applied', seq_no: 1, run_id: 100 });
    const [envelope] = await stored();
    expect(envelope).toEqual({
      seq_no: 1,
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/) as unknown,
      at: '2026-11-14T02:03:11.004Z',
      project,
      actor: 'local:ana',
      key: 'k1',
      ...aborted(0),
    });
    const [commit] = await log.readCommits(0, 10);
    expect(commit).toMatchObject({ key: 'k1', body_hash: 'b0', answer: { status: 'applied', seq_no: 1, run_id: 100 } });
  });

  test('the later events of a commit name the first as their cause; a draft may name its actor', async () => {
    const recorder = await boot();
    await recorder.record(asks('rebuild'));
    await recorder.record(asks('confirm', 'k'));
    const envelopes = (await stored()).slice(1);
    expect(envelopes.map(({ seq_no, cause, actor, key }) => ({ seq_no, cause, actor, key }))).toEqual([
      { seq_no: 2, cause: undefined, actor: 'local:ana', key: 'k' },
      { seq_no: 3, cause: 2, actor: 'system:pipeline', key: 'k' },
      { seq_no: 4, cause: 2, actor: 'local:ana', key: 'k' },
    ]);
    expect(await log.readCommits(0, 10)).toHaveLength(2);
  });

  test('a refused command is a commit with its answer and key', async () => {
    const recorder = await boot();
    const answer = await recorder.record(asks('cancel_run', 'k'));
    expect(answer).toEqual({ status: 'refused', seq_no: 1, refusal: { code: 'settled', message: 'Run 7 has ended already.' } });
    const [commit] = await log.readCommits(0, 10);
    expect(commit).toMatchObject({
      key: 'k',
      answer,
      envelopes: [
        {
          kind: 'command_refused',
          project,
          command: 'cancel_run',
          code: 'settled',
          message: 'Run 7 has ended already.',
          run_id: 7,
          key: 'k',
        },
      ],
    });
  });

  test('a fact that changes nothing is not stored, but noted', async () => {
    const recorder = await boot();
    expect(await recorder.record(settled)).toBeNull();
    expect(log.appends).toEqual([]);
    expect(notes).toEqual(['fact burn_in_elapsed changed nothing: it is settled']);
  });

  test('time never decreases when the clock steps back', async () => {
    const recorder = await boot();
    await recorder.record(asks('rebuild'));
    now_ms -= 3_600_000;
    await recorder.record(asks('rebuild'));
    const rebooted = await boot();
    await rebooted.record(asks('rebuild'));
    now_ms += 3_600_001;
    await rebooted.record(asks('rebuild'));
    expect((await stored()).map(({ at }) => at.slice(17))).toEqual(['11.004Z', '11.004Z', '11.004Z', '11.005Z']);
  });
});

describe('one queue', () => {
  test('intents that come together are decided one after another and stored in order', async () => {
    const recorder = await boot();
    const answers = await Promise.all(Array.from({ length: 50 }, () => recorder.record(asks('rebuild'))));
    expect(answers.map((answer) => answer?.seq_no)).toEqual(upTo(50));
    const envelopes = await stored();
    expect(numbersOf(envelopes)).toEqual(upTo(50));
    expect(envelopes.map((envelope) => 'reason' in envelope && envelope.reason)).toEqual(upTo(50).map((n) => String(n - 1)));
    expect(published).toEqual(envelopes);
    expect(recorder.state().activity).toEqual(envelopes);
  });

  test('what queues up while an append runs is one batch', async () => {
    const recorder = await boot();
    const letGo = holdAppends();
    const first = recorder.record(asks('rebuild'));
    await expect.poll(() => log.appends.length).toBe(1);
    const others = Array.from({ length: 20 }, () => recorder.record(asks('confirm')));
    letGo();
    await Promise.all([first, ...others]);
    expect(log.appends.map((commits) => commits.length)).toEqual([1, 20]);
    expect(numbersOf(await stored())).toEqual(upTo(61));
  });

  test('what comes in one turn of the event loop is one batch, though the log hardly waits', async () => {
    const recorder = await boot();
    const first = recorder.record(asks('rebuild'));
    for (let tick = 0; tick < 20; tick++) await Promise.resolve();
    await Promise.all([first, recorder.record(asks('rebuild'))]);
    expect(log.appends.map((commits) => commits.length)).toEqual([2]);
  });

  test('commands may not wait without bound; facts may', async () => {
    const recorder = await boot();
    const letGo = holdAppends();
    const first = recorder.record(asks('rebuild'));
    await expect.poll(() => log.appends.length).toBe(1);
    const waiting = Array.from({ length: WAITING_COMMANDS }, () => recorder.record(settled));
    await expect(recorder.record(asks('rebuild'))).rejects.toEqual(failure('unavailable'));
    waiting.push(recorder.record(settled));
    letGo();
    await Promise.all([first, ...waiting]);
    expect(await recorder.record(asks('rebuild'))).toMatchObject({ status: 'applied' });
  });

  test('nothing is shown and nobody is answered before it is stored', async () => {
    const recorder = await boot();
    const letGo = holdAppends();
    const shown: string[] = [];
    recorder.onCommit(() => shown.push('listener'));
    const answered = recorder.record(asks('rebuild', 'k')).then(() => shown.push('answer'));
    await expect.poll(() => log.appends.length).toBe(1);
    expect({ shown, published, state: recorder.state(), answer: recorder.answerOf('k') }).toEqual({
      shown: [],
      published: [],
      state: EMPTY_STATE,
      answer: null,
    });
    letGo();
    await answered;
    expect(shown).toEqual(['listener', 'answer']);
    expect(numbersOf(published)).toEqual([1]);
    expect(recorder.state().seq_no).toBe(1);
  });

  test('viewers and listeners see a state that has the event already; a listener may record', async () => {
    const recorder = await boot();
    const followUp = Promise.withResolvers<unknown>();
    const undo = recorder.onCommit((state) => {
      expect(state.seq_no).toBe(1);
      undo();
      followUp.resolve(recorder.record(happened(aborted(9))));
    });
    await recorder.record(asks('rebuild'));
    expect(await followUp.promise).toMatchObject({ status: 'applied', seq_no: 2 });
  });

  test('a listener or publisher that throws is reported and harms nobody', async () => {
    const recorder = await boot();
    const heard: number[] = [];
    recorder.onCommit(() => {
      throw new Error('broken listener');
    });
    recorder.onCommit((state) => heard.push(state.seq_no));
    published.push = () => {
      throw new Error('broken publisher');
    };
    expect(await recorder.record(asks('rebuild'))).toMatchObject({ status: 'applied' });
    expect(heard).toEqual([1]);
    expect(reports.map(({ error }) => String(error))).toEqual(['Error: broken publisher', 'Error: broken listener']);
  });
});

describe('defects', () => {
  test.each([
    ['deciding throws', asks('lift_hold'), 'a defect in deciding'],
    ['an event has a field that is not its own', asks('promote'), 'surprise'],
    ['a command is neither done nor refused', asks('redeploy'), 'neither done nor refused'],
  ])('when %s only that intent fails; it is reported and uses no number', async (_, intent, message) => {
    const recorder = await boot();
    const all = await Promise.allSettled([recorder.record(asks('rebuild')), recorder.record(intent), recorder.record(asks('rebuild'))]);
    expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(numbersOf(await stored())).toEqual([1, 2]);
    expect(reports).toHaveLength(1);
    expect(String(reports[0]?.error)).toContain(message);
    expect(recorder.brokenBy()).toBeNull();
  });
});

describe('a failed append', () => {
  test('shows nothing, reverts, and fails every intent of the batch, the ones that stored nothing included', async () => {
    const recorder = await boot();
    await recorder.record(asks('rebuild'));
    const before = recorder.state();
    log.fails = full;
    const all = await Promise.allSettled([
      recorder.record(asks('rebuild', 'k')),
      recorder.record(settled),
      recorder.record(happened(aborted(1))),
    ]);
    expect(all).toEqual(all.map(() => ({ status: 'rejected', reason: failure('storage_full') })));
    expect(recorder.state()).toBe(before);
    expect(numbersOf(published)).toEqual([1]);
    expect(recorder.answerOf('k')).toBeNull();
    expect(recorder.brokenBy()).toContain('full');
    expect(reports).toEqual([{ what: 'the event log could not be appended to', error: full }]);
  });

  test('other failures are `unavailable`', async () => {
    const recorder = await boot();
    for (const error of [new LogError('conflict', 'x'), new Error('x')]) {
      log.fails = error;
      await expect(recorder.record(asks('rebuild'))).rejects.toEqual(failure('unavailable'));
    }
  });

  test('of a disk that failed while it was written leaves open whether it was stored; what is asked later was not', async () => {
    const recorder = await boot();
    log.fails = new LogError('broken', 'x');
    await expect(recorder.record(asks('rebuild', 'first'))).rejects.toEqual(failure('in_doubt'));
    await expect(recorder.record(asks('rebuild', 'second'))).rejects.toEqual(failure('unavailable'));
    expect(() => recorder.answerOf('first')).toThrow(Failure);
    expect(recorder.answerOf('second')).toBeNull();
  });

  test('of a disk that failed under a fact leaves no later command in doubt', async () => {
    const recorder = await boot();
    log.fails = new LogError('broken', 'x');
    await expect(recorder.record(happened(aborted(1)))).rejects.toEqual(failure('in_doubt'));
    await expect(recorder.record(asks('rebuild', 'later'))).rejects.toEqual(failure('unavailable'));
    expect(recorder.answerOf('later')).toBeNull();
  });

  test('fails the commands that wait without trying them; facts are tried each', async () => {
    const recorder = await boot();
    const letGo = holdAppends();
    const first = recorder.record(asks('rebuild'));
    await expect.poll(() => log.appends.length).toBe(1);
    const rest = [
      recorder.record(happened(aborted(1))),
      recorder.record(asks('rebuild')),
      recorder.record(asks('rebuild')),
      recorder.record(happened(aborted(2))),
    ];
    log.fails = full;
    letGo();
    const all = await Promise.allSettled([first, ...rest]);
    expect(all.map(({ status }) => status)).toEqual(Array.from({ length: 5 }, () => 'rejected'));
    expect(log.appends.map((commits) => commits.map(({ envelopes }) => 'reason' in envelopes[0]! && envelopes[0].reason))).toEqual([
      ['0'],
      ['1'],
      ['2'],
    ]);
  });

  test('works again by itself when the log does: numbers have no hole, the same key may be sent again', async () => {
    const recorder = await boot();
    await recorder.record(asks('rebuild'));
    log.fails = full;
    await expect(recorder.record(asks('confirm', 'k'))).rejects.toThrow(Failure);
    log.fails = null;
    const [retried, fact] = await Promise.all([recorder.record(asks('confirm', 'k')), recorder.record(happened(aborted(1)))]);
    expect([retried?.seq_no, fact?.seq_no]).toEqual([2, 5]);
    expect(recorder.brokenBy()).toBeNull();
    expect(numbersOf(await stored())).toEqual(upTo(5));
    expect(published).toEqual(await stored());
  });

  test('one intent goes alone to find out, then batches are whole again', async () => {
    const recorder = await boot();
    log.fails = full;
    await expect(recorder.record(asks('rebuild'))).rejects.toThrow(Failure);
    log.fails = null;
    await Promise.all(Array.from({ length: 10 }, () => recorder.record(asks('rebuild'))));
    expect(log.appends.map((commits) => commits.length)).toEqual([1, 1, 9]);
  });

  test('answers of before hold all the time', async () => {
    const recorder = await boot();
    const answer = await recorder.record(asks('rebuild', 'k'));
    log.fails = full;
    await expect(recorder.record(asks('rebuild', 'k2'))).rejects.toThrow(Failure);
    expect(await recorder.record(asks('rebuild', 'k'))).toEqual(answer);
  });
});

describe('idempotency', () => {
  test('a repeat that waits behind a batch that fails still gets its answer', async () => {
    const recorder = await boot();
    let letGo = holdAppends();
    const first = recorder.record(asks('rebuild', 'k'));
    await expect.poll(() => log.appends.length).toBe(1);
    const facts = Array.from({ length: BATCH_INTENTS }, () => recorder.record(happened(aborted(0))).catch((error: unknown) => error));
    const repeat = recorder.record(asks('rebuild', 'k'));
    const letFirstGo = letGo;
    letGo = holdAppends();
    letFirstGo();
    await expect.poll(() => log.appends.length).toBe(2);
    log.fails = full;
    letGo();
    expect(await repeat).toEqual(await first);
    expect(await facts[0]).toEqual(failure('storage_full'));
  });

  test('the same key and body give the same answer and one commit, a refusal too', async () => {
    const recorder = await boot();
    for (const command of ['rebuild', 'cancel_run'] as const) {
      const first = await recorder.record(asks(command, command));
      expect(await recorder.record(asks(command, command))).toEqual(first);
      expect(recorder.answerOf(command)).toEqual(first);
    }
    expect(await stored()).toHaveLength(2);
    expect(recorder.answerOf('unknown')).toBeNull();
  });

  test('also while the first is still in flight, in its batch or a later one', async () => {
    const recorder = await boot();
    const letGo = holdAppends();
    const together = [recorder.record(asks('rebuild', 'k')), recorder.record(asks('rebuild', 'k'))];
    await expect.poll(() => log.appends.length).toBe(1);
    const later = recorder.record(asks('rebuild', 'k'));
    letGo();
    const answers = await Promise.all([...together, later]);
    expect(answers).toEqual(answers.map(() => ({ status: 'applied', seq_no: 1, run_id: 100 })));
    expect(await stored()).toHaveLength(1);
  });

  test('another body is unprocessable, stored or in flight, and uses no number', async () => {
    const recorder = await boot();
    const [first, second] = await Promise.allSettled([
      recorder.record(asks('rebuild', 'k', 'b1')),
      recorder.record(asks('rebuild', 'k', 'b2')),
    ]);
    expect(first.status).toBe('fulfilled');
    expect(second).toEqual({ status: 'rejected', reason: failure('unprocessable') });
    await expect(recorder.record(asks('rebuild', 'k', 'b3'))).rejects.toEqual(failure('unprocessable'));
    expect(await stored()).toHaveLength(1);
    expect(reports).toEqual([]);
  });

  test('no key is no key: the older aliases repeat', async () => {
    const recorder = await boot();
    await recorder.record(asks('rebuild'));
    await recorder.record(asks('rebuild'));
    expect(await stored()).toHaveLength(2);
  });

  test('holds after a reboot from the log, and for 24 h only', async () => {
    const answer = await (await boot()).record(asks('rebuild', 'k'));
    now_ms += KEY_KEPT_MS - 1;
    const rebooted = await boot();
    expect(await rebooted.record(asks('rebuild', 'k'))).toEqual(answer);
    await expect(rebooted.record(asks('rebuild', 'k', 'other'))).rejects.toEqual(failure('unprocessable'));
    now_ms += 1;
    expect(rebooted.answerOf('k')).toBeNull();
    expect(await rebooted.record(asks('rebuild', 'k'))).toMatchObject({ seq_no: 2 });
    expect((await boot()).answerOf('k')).toMatchObject({ seq_no: 2 });
  });
});

describe('boot', () => {
  test('folds all of the log, however long, and goes on after it', async () => {
    const recorder = await boot();
    await Promise.all(Array.from({ length: 2_500 }, () => recorder.record(happened(aborted(0)))));
    const rebooted = await boot();
    expect(rebooted.state()).toEqual(recorder.state());
    expect(await rebooted.record(asks('rebuild'))).toMatchObject({ seq_no: 2_501 });
  });

  test('tells of lost history once, first of all', async () => {
    const lost = { from: 4, to: 9, why: 'a test' };
    log = new TryingLog(memoryEventLog({ lost }));
    const recorder = await boot();
    expect(await stored()).toEqual([expect.objectContaining({ seq_no: 1, project: WHOLE_SERVER, kind: 'history_gap', ...lost })]);
    expect(published).toEqual(await stored());
    await recorder.record(asks('rebuild'));
    await boot();
    expect(await stored()).toHaveLength(2);
  });

  test('tells of lost history as soon as the log takes it', async () => {
    log = new TryingLog(memoryEventLog({ lost: { from: 4, to: 9, why: 'a test' } }));
    log.fails = full;
    const recorder = await boot();
    expect(recorder.brokenBy()).not.toBeNull();
    log.fails = null;
    expect(await recorder.record(asks('rebuild'))).toMatchObject({ seq_no: 2 });
    expect((await stored()).map(({ kind }) => kind)).toEqual(['history_gap', 'build_aborted']);
  });

  test('refuses a log that reads to another end than it says', async () => {
    const recorder = await boot();
    await recorder.record(asks('rebuild'));
    log.readCommits = async () => [];
    await expect(boot()).rejects.toThrow('ends at 1');
  });
});

test('close answers what it has and takes no more', async () => {
  const recorder = await boot();
  const last = recorder.record(asks('rebuild', 'k'));
  await recorder.close();
  await recorder.close();
  expect(await last).toMatchObject({ status: 'applied' });
  await expect(recorder.record(asks('rebuild'))).rejects.toEqual(failure('unavailable'));
  expect(await recorder.record(asks('rebuild', 'k'))).toMatchObject({ seq_no: 1 });
});

test('state, keys and numbers come back from the disk', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-recorder-'));
  const open = (): Promise<EventLog> => openSqliteEventLog({ folder, clock, random: systemRandom });
  const before = await open();
  const recorder = await boot(before);
  const answer = await recorder.record(asks('confirm', 'k'));
  await recorder.record(asks('cancel_run', 'k2'));
  await before.close();
  const after = await open();
  try {
    const rebooted = await boot(after);
    expect(rebooted.state()).toEqual(recorder.state());
    expect(await rebooted.record(asks('confirm', 'k'))).toEqual(answer);
    expect(await rebooted.record(asks('rebuild'))).toMatchObject({ seq_no: 5 });
  } finally {
    await after.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
