/** Where history stands when the server starts: everything stored, folded, and the keys of the last day. */
import { Answer } from '../../src/shared/protocol/commands.ts';
import type { Envelope } from '../../src/shared/protocol/envelope.ts';
import type { State } from '../../src/shared/fold/state.ts';
import { READ_LIMIT, type EventLog, type StoredCommit } from '../eventlog/port.ts';
import type { Head } from './batch.ts';
import { KeyIndex } from './key_index.ts';

interface BootDeps {
  log: EventLog;
  fold: (state: State, envelope: Envelope) => State;
  /** The state at the log's floor. */
  initial: State;
  now_ms: number;
}

function remember(keys: KeyIndex, { key, body_hash, answer }: StoredCommit, at_ms: number, now_ms: number): void {
  if (key === undefined) return;
  keys.add(key, { body_hash: body_hash ?? null, answer: Answer.parse(answer), at_ms }, now_ms);
}

/** @throws LogError when the log cannot be read; Error when it is not whole. */
export async function readHistory({ log, fold, initial, now_ms }: BootDeps): Promise<{ head: Head; keys: KeyIndex }> {
  const keys = new KeyIndex();
  let head: Head = { state: initial, seq_no: log.bounds().floor, at_ms: 0 };
  for (;;) {
    const commits = await log.readCommits(head.seq_no, READ_LIMIT);
    if (commits.length === 0) break;
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
  }
  if (head.seq_no !== log.bounds().head) throw new Error(`the event log says it ends at ${log.bounds().head}, but reads to ${head.seq_no}`);
  return { head, keys };
}
