/** Where history stands when the server starts: everything stored, folded, and the keys of the last day. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Answer } from '../../src/shared/protocol/commands.ts';
import type { Envelope } from '../../src/shared/protocol/envelope.ts';
import { Scratch } from '../../src/shared/fold/scratch.ts';
import type { State } from '../../src/shared/fold/state.ts';
import type { EventLog, StoredCommit } from '../eventlog/port.ts';
import type { Standpoint } from '../recorder_port.ts';
import type { Head } from './batch.ts';
import { KeyIndex } from './key_index.ts';

interface BootDeps {
  log: EventLog;
  fold: (state: State, envelope: Envelope) => State;
  /** The state at the log's floor. */
  initial: State;
  now_ms: number;
  /** Where an earlier fold of this log had come; what is after it is read. */
  from?: Standpoint;
  /** Envelopes read, and how many there are to read. */
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/** Few enough that reading and folding them holds the event loop for some milliseconds only. */
const COMMITS_AT_A_TIME = 100;

function remember(keys: KeyIndex, { key, body_hash, answer }: StoredCommit, at_ms: number, now_ms: number): void {
  if (key === undefined) return;
  keys.add(key, { body_hash: body_hash ?? null, answer: Answer.parse(answer), at_ms }, now_ms);
}

/** @throws LogError when the log cannot be read; Error when it is not whole, or `signal.reason`. */
export async function readHistory({
  log,
  fold,
  initial,
  now_ms,
  from,
  onProgress,
  signal,
}: BootDeps): Promise<{ head: Head; keys: KeyIndex }> {
  const keys = new KeyIndex();
  for (const [key, entry] of from?.keys ?? []) keys.add(key, entry, now_ms);
  let head: Head =
    from === undefined
      ? { state: initial, seq_no: log.bounds().floor, at_ms: 0 }
      : { state: from.state, seq_no: from.seq_no, at_ms: from.at_ms };
  const begin = head.seq_no;
  const scratch = new Scratch();
  for (;;) {
    onProgress?.(head.seq_no - begin, log.bounds().head - begin);
    // A turn of the event loop between the reads: who asks how far it is gets an answer, and Ctrl-C is heard.
    await nextTurn();
    signal?.throwIfAborted();
    const commits = await log.readCommits(head.seq_no, COMMITS_AT_A_TIME);
    if (commits.length === 0) break;
    // One scratch for all of it: nobody is shown a state before the last.
    scratch.within(() => {
      for (const commit of commits) {
        let { state, seq_no, at_ms } = head;
        for (const envelope of commit.envelopes) {
          state = fold(state, envelope);
          seq_no = envelope.seq_no;
          at_ms = Math.max(at_ms, Date.parse(envelope.at));
        }
        remember(keys, commit, at_ms, now_ms);
        head = { state, seq_no, at_ms };
      }
    });
  }
  if (head.seq_no !== log.bounds().head) throw new Error(`the event log says it ends at ${log.bounds().head}, but reads to ${head.seq_no}`);
  return { head, keys };
}
