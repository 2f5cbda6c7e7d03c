/**
 * People at the levers. Each acts on what its own page shows, which may be old; presses twice, is not told what became of it, and asks again
 * with the same key until it knows. Whatever it is told must be so.
 */
import { pending } from '../../../server/pipeline/pending.ts';
import { Failure } from '../../../server/failure.ts';
import { can } from '../../../src/shared/fold/can.ts';
import type { State } from '../../../src/shared/fold/state.ts';
import { Command, type Answer, type CommandName } from '../../../src/shared/protocol/commands.ts';
import type { Door } from './ports.ts';
import type { Schedule } from './schedule.ts';
import type { Viewer } from './viewer.ts';

const NAMES: readonly CommandName[] = [
  ...Array<CommandName>(5).fill('promote'),
  ...Array<CommandName>(5).fill('confirm'),
  ...Array<CommandName>(3).fill('rollback'),
  ...Array<CommandName>(2).fill('redeploy'),
  'lift_hold',
  'lift_hold',
  'retry_gate',
  'retry_gate',
  'cancel_run',
  'rebuild',
];
const TRIES = 12;
const TWICE = 0.15;
const ANSWER_LOST = 0.12;
const REQUEST_LOST = 0.05;
/** Without an answer for so long the request is taken for lost. */
const SILENT_MS = 8_000;
const AGAIN_MOST_MS = 3_000;

export interface OperatorListener {
  asked(key: string, command: Command): void;
  /** @param life whose answer it is. */
  answered(key: string, answer: Answer): void;
  refused(key: string, error: unknown): void;
}

export class Operator {
  readonly #actor: string;
  readonly #viewer: Viewer;
  readonly #schedule: Schedule;
  readonly #door: Door;
  readonly #listener: OperatorListener;
  #pressed = 0;
  /** Commands whose fate is not known yet. */
  waiting = 0;
  calm = false;

  constructor(name: string, viewer: Viewer, schedule: Schedule, door: Door, listener: OperatorListener) {
    this.#actor = `local:${name}`;
    this.#viewer = viewer;
    this.#schedule = schedule;
    this.#door = door;
    this.#listener = listener;
  }

  /** Presses something that its page would let it press; now and then something else. */
  act(): void {
    const { state } = this.#viewer;
    const anything = this.#schedule.chance(0.15);
    for (let n = 0; n < TRIES; n++) {
      const command = this.#think(state, anything);
      if (command === null || !(anything || can(state, command, this.#actor).allowed)) continue;
      // Nearly always allowed: looked for, it would be most of what is done, and end what runs.
      if (n > 0 && (command.command === 'rebuild' || command.command === 'cancel_run')) continue;
      return this.press(command);
    }
  }

  press(command: Command): void {
    const key = `${this.#actor}-${++this.#pressed}`;
    this.#listener.asked(key, command);
    this.waiting++;
    this.#send(command, key);
    // Enter held down: the same press on its way twice.
    if (this.#schedule.chance(TWICE)) {
      this.waiting++;
      this.#send(command, key);
    }
  }

  #send(command: Command, key: string): void {
    this.#schedule.add(this, `${key} ${command.command} is sent`, () => {
      const server = this.#door.submit();
      if (server === null || this.#lost(REQUEST_LOST)) return this.#again(command, key);
      const { life, submit } = server;
      let silent = true;
      const heard = (label: string, then: () => void): void => {
        if (!silent) return;
        this.#schedule.add(life, `${key} ${label}`, () => {
          silent = false;
          quiet();
          if (this.#lost(ANSWER_LOST)) this.#again(command, key);
          else then();
        });
      };
      // The server may be gone before it answers.
      const quiet = this.#schedule.after(this, SILENT_MS, () => {
        if (silent) this.#again(command, key);
        silent = false;
      });
      submit(command, this.#actor, key).then(
        (answer) =>
          heard('is answered', () => {
            this.waiting--;
            this.#listener.answered(key, answer);
          }),
        (error: unknown) =>
          heard('is not taken', () => {
            this.#listener.refused(key, error);
            if (error instanceof Failure && (error.code === 'unavailable' || error.code === 'storage_full')) this.#again(command, key);
            else this.waiting--;
          }),
      );
    });
  }

  #lost(chance: number): boolean {
    return !this.calm && this.#schedule.chance(chance);
  }

  #again(command: Command, key: string): void {
    this.#schedule.after(this, 1 + this.#schedule.random.below(AGAIN_MOST_MS), () => this.#send(command, key));
  }

  #think(state: State, anything: boolean): Command | null {
    const { random } = this.#schedule;
    const project = state.projects[0];
    if (project === undefined) return null;
    const command = random.pick(NAMES);
    const tier = random.pick(project.tiers);
    const at = { project: project.id, tier: tier.id };
    const seen = (release: { version: string; sha: string } | null | undefined): object =>
      release == null || random.next() < 0.1 ? {} : { expect: { version: release.version, sha: release.sha } };
    const some = project.releases.length === 0 ? undefined : random.pick(project.releases);
    switch (command) {
      case 'promote': {
        const before = project.tiers[project.tiers.indexOf(tier) - 1]?.current ?? some;
        const hotfix = random.next() < 0.2 ? { hotfix: true, reason: 'it burns' } : {};
        const version = (anything ? tier.held[0]?.version : undefined) ?? before?.version;
        return before == null ? null : parsed({ command, ...at, version, ...hotfix, ...(version === before.version ? seen(before) : {}) });
      }
      case 'confirm':
        return parsed({ command, ...at, decision: random.next() < 0.8 ? 'confirm' : 'reject', ...seen(tier.current) });
      case 'rollback':
        return parsed({ command, ...at, reason: 'bad', ...seen(tier.current) });
      case 'redeploy':
        return parsed({ command, ...at, ...seen(tier.intended) });
      case 'lift_hold':
        return tier.held[0] === undefined ? null : parsed({ command, ...at, version: tier.held[0].version, reason: 'mended' });
      case 'retry_gate':
        return tier.gates.length === 0 ? null : parsed({ command, ...at, gate: random.pick(tier.gates).id, ...seen(tier.current) });
      case 'cancel_run': {
        const owed = pending(state);
        return owed.length === 0 ? null : parsed({ command, run_id: random.pick(owed).run_id });
      }
      case 'rebuild':
        return parsed({ command, project: project.id });
      default:
        return command satisfies never;
    }
  }
}

function parsed(command: object): Command {
  return Command.parse(command);
}
