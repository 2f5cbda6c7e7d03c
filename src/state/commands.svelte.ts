/**
 * The operator's commands: one at a time per target, each with a key of its own, each ending in a receipt. The invariant is that a press does a
 * thing at most once and that the page never says more than it knows; an event that carries the key of a command settles it, whatever the
 * answer to the request was. It decides nothing: `can` and the server do.
 */
import type { Command } from '../shared/protocol/commands.ts';
import type { Envelope } from '../shared/protocol/envelope.ts';
import { RefusalCode } from '../shared/protocol/refusals.ts';
import type { CommandsView } from './context.ts';
import type { CommandOutcome, Progress, Submission } from './submission.ts';

export const RECEIPTS_KEPT = 50;

export interface CommandDeps {
  send(command: Command, key: string, asking: () => void): Promise<CommandOutcome>;
  newKey(): string;
  /** Why nothing may be sent now; null when it may. Looks at the clock itself. */
  blocked(): string | null;
  /** True once a name is known; false when the person would not give one. */
  named(): Promise<boolean>;
  /** Server-corrected ms. */
  now(): number;
}

export class Commands implements CommandsView {
  #submissions = $state.raw<readonly Submission[]>([]);
  readonly #pending = $derived(this.#submissions.filter((s) => s.progress.phase !== 'done'));
  readonly #receipts = $derived(this.#submissions.filter((s) => s.progress.phase === 'done'));
  readonly #told = new Map<string, (outcome: CommandOutcome) => void>();
  readonly #deps: CommandDeps;

  constructor(deps: CommandDeps) {
    this.#deps = deps;
  }

  get pending(): readonly Submission[] {
    return this.#pending;
  }

  get receipts(): readonly Submission[] {
    return this.#receipts;
  }

  pendingOf(command: Command): Submission | null {
    const target = targetOf(command);
    return this.#pending.find((s) => targetOf(s.command) === target) ?? null;
  }

  async run(command: Command): Promise<CommandOutcome> {
    if (!(await this.#deps.named())) return { status: 'not_sent', message: 'Nothing was sent: the record needs a name.' };
    return this.#submit(command, this.#deps.newKey());
  }

  async again(submission: Submission): Promise<CommandOutcome> {
    return this.#submit(submission.command, submission.key);
  }

  /** What came of commands, told by the event log itself. */
  onEvents(envelopes: readonly Envelope[]): void {
    for (const envelope of envelopes) {
      const open = envelope.key === undefined ? undefined : this.#submissions.find((s) => s.key === envelope.key && isOpen(s));
      if (open === undefined) continue;
      const outcome = outcomeOfEvent(envelope);
      this.#settle(open.key, outcome);
      // The answer to a refused one also tells by whom and when: it is worth waiting for while it may come.
      if (outcome.status === 'applied' || open.progress.phase === 'asking') this.#told.get(open.key)?.(outcome);
    }
  }

  async #submit(command: Command, key: string): Promise<CommandOutcome> {
    const blocked = this.#deps.blocked();
    if (blocked !== null) return { status: 'not_sent', message: `Nothing was sent. ${blocked}` };
    if (this.pendingOf(command) !== null) return { status: 'not_sent', message: 'This is on its way already.' };
    const others = this.#submissions.filter((s) => s.key !== key);
    this.#submissions = [...others.slice(-RECEIPTS_KEPT), { key, command, since: this.#deps.now(), progress: { phase: 'sending' } }];
    const outcome = await Promise.race([this.#send(command, key), this.#toldOf(key)]);
    this.#told.delete(key);
    // The event may have been here before the answer; it is the better witness.
    const known = this.#submissions.find((s) => s.key === key)?.progress;
    if (known?.phase === 'done' && isDoubtful(outcome)) return known.outcome;
    this.#settle(key, outcome);
    return outcome;
  }

  /** What the event log says of it: an answer that was lost need not be waited for. */
  #toldOf(key: string): Promise<CommandOutcome> {
    return new Promise((resolve) => this.#told.set(key, resolve));
  }

  async #send(command: Command, key: string): Promise<CommandOutcome> {
    try {
      return await this.#deps.send(command, key, () => this.#asking(key));
    } catch (error) {
      return {
        status: 'failed',
        message: `This page failed while sending: ${error instanceof Error ? error.message : String(error)}. Reload it to see what was done.`,
      };
    }
  }

  /** A request that was overtaken by its event has nothing to ask. */
  #asking(key: string): void {
    if (this.#pending.some((s) => s.key === key)) this.#progress(key, { phase: 'asking' });
  }

  #settle(key: string, outcome: CommandOutcome): void {
    this.#progress(key, { phase: 'done', outcome, at: this.#deps.now() });
  }

  #progress(key: string, progress: Progress): void {
    this.#submissions = this.#submissions.map((s) => (s.key === key ? { ...s, progress } : s));
  }
}

/** Nobody knows yet, or what was said may be wrong by now. */
function isOpen({ progress }: Submission): boolean {
  return progress.phase !== 'done' || isDoubtful(progress.outcome);
}

/** A request that was given up may arrive after all. */
function isDoubtful({ status }: CommandOutcome): boolean {
  return status === 'failed' || status === 'not_received';
}

function outcomeOfEvent(envelope: Envelope): CommandOutcome {
  if (envelope.kind !== 'command_refused') return { status: 'applied', seq_no: envelope.seq_no, run_id: null };
  const fields: Record<string, unknown> = { ...envelope };
  const code = RefusalCode.safeParse(fields['code']);
  const message = typeof fields['message'] === 'string' ? fields['message'] : 'The server refused it.';
  if (!code.success) return { status: 'failed', message: `Not done. ${message}` };
  return { status: 'refused', seq_no: envelope.seq_no, refusal: { code: code.data, message } };
}

/** Two presses of the same lever are the same target whatever their reasons say. */
function targetOf(command: Command): string {
  const { project, tier, gate, run_id } = command as Partial<Record<'project' | 'tier' | 'gate' | 'run_id', string | number>>;
  return [command.command, project, tier, gate, run_id].join(' ');
}
