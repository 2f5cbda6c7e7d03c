/**
 * A real line under a real server that is used: operators press levers, somebody pushes, panels watch and come back. It can be ended and started
 * as often as a case likes; `check` then holds the server's log, its state, its nodes and its viewers against what clients saw and each other.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { highestRun } from '../../../server/logstore/layout.ts';
import { fold } from '../../../src/shared/fold/fold.ts';
import { EMPTY_STATE, type State } from '../../../src/shared/fold/state.ts';
import type { Envelope } from '../../../src/shared/protocol/envelope.ts';
import { freePort, Line, type LineOptions } from '../../support/line.ts';
import { seeded } from './case.ts';
import { History } from './history.ts';
import { brokenFiles } from './line_files.ts';
import { endAll, processesOf, startOf } from './line_processes.ts';
import { Operators } from './server_operators.ts';
import { ServerProcess, type StartOptions } from './server_process.ts';
import { LivePanel, PlainReader, type StayingViewer } from './server_viewer.ts';

/** A build's own events of a life may still come while the log is read. */
const CATCH_UP_WITHIN_MS = 10_000;
/** DESIGN: orphans are ended within this time of a start. */
export const ORPHANS_WITHIN_MS = 5_000;
const PAGE = 1_000;
const LOOK_AGAIN_MS = 20;

export class ServerUnderLoad {
  readonly line: Line;
  readonly port: number;
  readonly history = new History();
  readonly operators: Operators;
  readonly panels: LivePanel[] = [];
  readonly viewers: StayingViewer[] = [];
  readonly random: ReturnType<typeof seeded>;
  /** ms from spawn to ready, of each start. */
  readonly starts_ms: number[] = [];
  #server: ServerProcess | null = null;
  #epoch: string | null = null;
  #pushes: Promise<unknown> = Promise.resolve();

  private constructor(line: Line, port: number, seed: number) {
    this.line = line;
    this.port = port;
    this.random = seeded(seed);
    this.operators = new Operators(port, this.history, seed + 1);
  }

  static async make(seed: number, options: LineOptions = {}): Promise<ServerUnderLoad> {
    return new ServerUnderLoad(await Line.make(options), await freePort(), seed);
  }

  get server(): ServerProcess {
    if (this.#server === null) throw new Error('no server was started');
    return this.#server;
  }

  /** Resolves when it is ready. */
  async start(options?: StartOptions): Promise<ServerProcess> {
    const server = this.spawn(options);
    this.starts_ms.push(await server.ready());
    return server;
  }

  spawn(options?: StartOptions): ServerProcess {
    return (this.#server = ServerProcess.spawn(this.line, this.port, options));
  }

  /** Two panels and a reader of the plain stream. */
  watch(): void {
    this.panels.push(new LivePanel('panel 1', this.port, this.history), new LivePanel('panel 2', this.port, this.history));
    this.viewers.push(...this.panels, new PlainReader('plain reader', this.port, this.history));
  }

  press(): void {
    this.operators.begin('Ana', 'Ben', 'Cleo');
  }

  /** A real commit and a real push, one after another, without waiting. */
  push(): void {
    const version = `1.${this.random.below(1e6)}.0`;
    this.#pushes = this.#pushes.then(() => this.line.push({ version }));
  }

  /** Waits for the push. @returns the version of the release that will come of it. */
  async pushRelease(): Promise<string> {
    const version = `1.${this.random.below(1e6)}.0`;
    const { sha } = await this.line.push({ version });
    return `${version}+g${sha.slice(0, 7)}`;
  }

  pushed(): Promise<unknown> {
    return this.#pushes;
  }

  /** Highest run of any log on the disk. */
  async highestRun(): Promise<number> {
    return existsSync(join(this.line.data, 'logs/runs')) ? highestRun(join(this.line.data, 'logs')) : 0;
  }

  async log(): Promise<Envelope[]> {
    const log: Envelope[] = [];
    for (;;) {
      const page = (await this.server.json(`/api/v1/events?after=${log.at(-1)?.seq_no ?? 0}&limit=${PAGE}`)) as {
        head: number;
        epoch: string;
        items: Envelope[];
      };
      log.push(...page.items);
      if (page.items.length < PAGE) return log;
    }
  }

  /** Everything a restart must not have changed. @returns sentences. */
  async check(): Promise<string[]> {
    const { epoch, seq_no, state } = (await this.server.json('/api/v1/state')) as { epoch: string; seq_no: number; state: State };
    const log = await this.log();
    const found: string[] = [];
    if (this.#epoch !== null && epoch !== this.#epoch)
      found.push(`the epoch changed from ${this.#epoch} to ${epoch} although nothing was damaged`);
    this.#epoch = epoch;
    const folds = new Folds(log);
    if (seq_no > log.length) found.push(`the state is of ${seq_no}, but the log ends at ${log.length}`);
    else if (!isSame(folds.at(seq_no), state)) found.push(`the state at ${seq_no} is not the fold of the log`);
    for (const panel of this.panels) found.push(...(await this.#converges(panel, seq_no)));
    for (const viewer of this.viewers) found.push(...viewer.collect());
    // Read again: what the viewers were shown meanwhile is in this one.
    const later = await this.log();
    found.push(...this.history.check(later), ...(await brokenFiles(this.line, later)));
    const both = new Folds(later);
    for (const { viewer } of this.panels) {
      if (viewer.state.seq_no > later.length) continue; // shown while the log was read; the next check has it
      if (!isSame(both.at(viewer.state.seq_no), viewer.state))
        found.push(`${viewer.name} has another state at ${viewer.state.seq_no} than the fold of the log`);
    }
    return found;
  }

  /** Repeats some of what was answered and all of what was not: the answers tell whether keys survived. */
  async repeatCommands(most: number): Promise<void> {
    const commands = this.history.commands.slice(-40);
    const unanswered = commands.filter(({ answers }) => answers.length === 0);
    const answered = commands.filter(({ answers }) => answers.length > 0).slice(-most);
    for (const sent of [...unanswered.slice(-most), ...answered]) await this.operators.repeat(sent);
  }

  /** What runs of an earlier life left and the start has not ended in time. @param strangers pids that only look like it. */
  async orphans(strangers: readonly number[] = []): Promise<string[]> {
    const began = startOf(this.server.pid);
    if (began === null) return [];
    const deadline = performance.now() + ORPHANS_WITHIN_MS;
    for (;;) {
      const left = processesOf(this.line.folder).filter(
        ({ pid, isOfRun, started }) => isOfRun && started < began && !strangers.includes(pid),
      );
      if (left.length === 0) return [];
      if (performance.now() > deadline)
        return left.map(({ pid, command }) => `orphan: ${pid} ${command} outlived a start by ${ORPHANS_WITHIN_MS} ms`);
      await pause(LOOK_AGAIN_MS);
    }
  }

  /** Ends all there is and removes the folder. @returns processes of runs that a stopped server has left. */
  async remove(): Promise<string[]> {
    await this.operators.end();
    await this.#pushes.catch(() => undefined);
    for (const viewer of this.viewers) await viewer.leave();
    const server = this.#server;
    const left: string[] = [];
    if (server !== null && !server.hasGone) {
      await server.stop();
      left.push(
        ...processesOf(this.line.folder)
          .filter(({ isOfRun }) => isOfRun)
          .map(({ command }) => `left after a stop: ${command}`),
      );
    }
    while (endAll(this.line.folder).length > 0) await pause(LOOK_AGAIN_MS);
    await this.line.remove();
    return left;
  }

  async #converges({ viewer }: LivePanel, seq_no: number): Promise<string[]> {
    try {
      await viewer.until(`${viewer.name} to reach ${seq_no}`, () => viewer.upto >= seq_no, CATCH_UP_WITHIN_MS);
      return [];
    } catch {
      return [`${viewer.name} does not converge: it is at ${viewer.upto}, the server at ${seq_no}`];
    }
  }
}

/** As the wire shows it: a field that is undefined is not there, and the order of keys means nothing. */
function isSame(a: State, b: State): boolean {
  return isDeepStrictEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)));
}

/** The fold at any place of one log, each asked for once or twice. */
class Folds {
  readonly #log: readonly Envelope[];
  constructor(log: readonly Envelope[]) {
    this.#log = log;
  }
  at(seq_no: number): State {
    return this.#log.slice(0, seq_no).reduce(fold, EMPTY_STATE);
  }
}
