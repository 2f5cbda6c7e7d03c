/**
 * What clients saw of a server that is being broken: every command with its key and its answers, every envelope a viewer was shown. Afterwards it
 * is held against the log. It knows nothing of the server but what came over the wire, so it cannot be wrong together with it.
 */
import type { Envelope } from '../../../src/shared/protocol/envelope.ts';
import { brokenDeploys, brokenKeys, brokenNumbers, unsettledRuns } from './history_rules.ts';

export interface SentCommand {
  key: string;
  path: string;
  body: object;
  actor: string;
  /** One for each time it was answered as recorded (202 or 409), in order. */
  answers: { status: number; seq_no: number }[];
}

export class History {
  readonly #sent = new Map<string, SentCommand>();
  readonly #shown = new Map<number, { id: string; viewer: string }>();
  readonly #wrong: string[] = [];
  #reported = 0;

  send(command: Omit<SentCommand, 'answers'>): SentCommand {
    const sent = { ...command, answers: [] };
    this.#sent.set(command.key, sent);
    return sent;
  }

  /** Only answers that promise something: 202 and 409 name the event that was stored. */
  answered(sent: SentCommand, status: number, body: unknown): void {
    const seq_no = typeof body === 'object' && body !== null && 'seq_no' in body ? body.seq_no : undefined;
    if (typeof seq_no === 'number') sent.answers.push({ status, seq_no });
    else if (status === 202 || status === 409) this.#wrong.push(`command ${sent.key} was answered ${status} without a seq_no`);
    const [first, last] = [sent.answers[0], sent.answers.at(-1)];
    if (first !== undefined && last !== undefined && (first.status !== last.status || first.seq_no !== last.seq_no))
      this.#wrong.push(
        `double effect: command ${sent.key} was answered ${first.status} at ${first.seq_no}, then ${last.status} at ${last.seq_no}`,
      );
  }

  shown(viewer: string, { seq_no, id }: Envelope): void {
    const before = this.#shown.get(seq_no);
    if (before === undefined) this.#shown.set(seq_no, { id, viewer });
    else if (before.id !== id)
      this.#wrong.push(`number ${seq_no} used twice: ${before.viewer} was shown ${before.id} there, ${viewer} ${id}`);
  }

  get commands(): SentCommand[] {
    return [...this.#sent.values()];
  }
  get acknowledged(): number {
    return this.commands.filter(({ answers }) => answers.length > 0).length;
  }
  /** Events that some viewer was shown. */
  get shownEvents(): number {
    return this.#shown.size;
  }

  /** @param log the whole log, read after a restart. @returns sentences; those noticed on the way are told once. */
  check(log: readonly Envelope[]): string[] {
    const at = (seq_no: number): Envelope | undefined => log[seq_no - 1];
    const found = [...brokenNumbers(log), ...brokenKeys(log), ...brokenDeploys(log), ...unsettledRuns(log)];
    for (const { key, answers } of this.commands) {
      const promised = answers[0]?.seq_no;
      if (promised !== undefined && at(promised)?.key !== key)
        found.push(`lost: command ${key} was acknowledged as event ${promised}, but there is ${nameOf(at(promised))}`);
    }
    for (const [seq_no, { id, viewer }] of this.#shown) {
      if (at(seq_no)?.id !== id)
        found.push(`shown but not stored: ${viewer} was shown ${id} at ${seq_no}, but there is ${nameOf(at(seq_no))}`);
    }
    const noticed = this.#wrong.slice(this.#reported);
    this.#reported = this.#wrong.length;
    return [...noticed, ...found];
  }
}

function nameOf(envelope: Envelope | undefined): string {
  return envelope === undefined ? 'nothing' : `${envelope.kind} ${envelope.id}${envelope.key === undefined ? '' : ` of ${envelope.key}`}`;
}
