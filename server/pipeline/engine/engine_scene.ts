/**
 * Test support: what an engine is given, in a temp folder. Logs, release folders and processes are real unless a test puts a double in their
 * place; the line is told as in `given.ts`, and the recording over it can be made slow or broken.
 */
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { State } from '../../../src/shared/fold/state.ts';
import type { Answer } from '../../../src/shared/protocol/commands.ts';
import { GateId, NodeId, ProjectId, TierId } from '../../../src/shared/protocol/ids.ts';
import { systemClock, type Clock } from '../../clock.ts';
import type { GateConfig, ProjectConfig } from '../../config/config.ts';
import type { Transport } from '../../deploy/port.ts';
import { httpProbe } from '../../deploy/http_probe.ts';
import { openReleaseStore } from '../../deploy/release_store.ts';
import type { Repository } from '../../emitters/git_port.ts';
import { Failure } from '../../failure.ts';
import { openLogStore } from '../../logstore/log_store.ts';
import type { Recording } from '../../recorder_port.ts';
import { createRunner } from '../../runner/runner.ts';
import { given, type Line } from '../given.ts';
import type { TierSpec } from '../given_line.ts';
import type { Fact, Intent } from '../intent.ts';
import { pending, type Effect } from '../pending.ts';
import type { EngineDeps } from './ports.ts';

/** A line as the engine sees it. `tell` is a stored commit from elsewhere; `slow` and `broken` are what a disk can be. */
export class LineRecording implements Recording {
  readonly line: Line;
  /** What the engine offered, stored or not. */
  readonly offered: Fact[] = [];
  broken = false;
  slow: Promise<void> = Promise.resolve();
  readonly #clock: Clock;
  readonly #listeners = new Set<(state: State) => void>();

  constructor(line: Line, clock: Clock) {
    this.line = line;
    this.#clock = clock;
  }

  tell(story: (line: Line) => unknown): void {
    this.line.now_ms = this.#clock.now();
    story(this.line);
    for (const listener of [...this.#listeners]) listener(this.line.state);
  }

  async record(intent: Intent): Promise<Answer | null> {
    if (intent.type === 'fact') this.offered.push(intent.fact);
    await this.slow;
    if (this.broken) throw new Failure('unavailable', 'The event log cannot be written.');
    this.tell((line) => line.record(intent));
    return null;
  }

  state(): State {
    return this.line.state;
  }

  answerOf(): null {
    return null;
  }

  brokenBy(): string | null {
    return this.broken ? 'broken' : null;
  }

  onCommit(listener: (state: State) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  get listeners(): number {
    return this.#listeners.size;
  }
}

export interface SceneParts {
  tiers: readonly TierSpec[];
  /** By gate id; others are commands that do nothing. */
  gates?: readonly GateConfig[];
  build?: Partial<ProjectConfig['build']>;
  /** Of every node. */
  health?: { http: string; expect: string | null; within_ms: number };
  /** Of the commit that is checked out, by path. */
  files?: Readonly<Record<string, string>>;
  secrets?: Readonly<Record<string, string>>;
  deps?: Partial<EngineDeps>;
}

export interface Scene {
  folder: string;
  deps: EngineDeps;
  recording: LineRecording;
  line: Line;
  reports: string[];
  project: ProjectConfig;
  /** The one effect of that type that the line owes. */
  owed<T extends Effect['type']>(type: T): Extract<Effect, { type: T }>;
  logOf(run_id: number): Promise<string>;
  close(): Promise<void>;
}

export async function openScene(parts: SceneParts): Promise<Scene> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-engine-')));
  const reports: string[] = [];
  const report = (message: string, detail?: unknown): void =>
    void reports.push(detail instanceof Error ? `${message}: ${detail.message}` : message);
  const clock = parts.deps?.clock ?? systemClock;
  const recording = new LineRecording(given(...parts.tiers), clock);
  const logs = await openLogStore({ folder: join(folder, 'logs'), clock: systemClock, report });
  const runner = createRunner({ clock: systemClock, report, folder: join(folder, 'data'), env: process.env, grace_ms: 150 });
  const project = projectOf(folder, parts);
  const deps: EngineDeps = {
    recording,
    runner,
    logs,
    releases: openReleaseStore({ folder: join(folder, 'releases'), report }),
    transport: nowhere,
    probe: httpProbe,
    repository: () => repositoryOf(parts.files ?? {}),
    config: () => ({ file: join(folder, 'signalbox.yaml'), hash: '', public_url: null, projects: [project] }),
    secrets: () => parts.secrets ?? {},
    clock,
    workspaces: join(folder, 'workspaces'),
    generation: 1,
    report,
    ...parts.deps,
  };
  return {
    folder,
    deps,
    recording,
    line: recording.line,
    reports,
    project,
    owed<T extends Effect['type']>(type: T) {
      const found = pending(recording.state()).filter((effect): effect is Extract<Effect, { type: T }> => effect.type === type);
      const [one] = found;
      if (one === undefined || found.length > 1) throw new Error(`the line owes ${found.length} effects of type ${type}`);
      return one;
    },
    logOf: async (run_id) => {
      const stat = await logs.stat(run_id);
      return stat === null ? '' : (await buffer(logs.bytes(run_id, 0, stat.bytes))).toString('utf8');
    },
    async close() {
      await runner.close();
      await logs.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Files under names, folders made as needed. */
export async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

/** A promise that is kept or broken from outside. */
export function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((keep) => (resolve = keep));
  return { promise, resolve };
}

const nowhere: Transport = {
  deploy: async () => ({ ok: true }),
  current: async () => null,
};

function repositoryOf(files: Readonly<Record<string, string>>): Repository {
  return {
    head: async () => null,
    isEmpty: async () => true,
    describe: async () => null,
    checkout: async (_sha, folder) => writeFiles(folder, files),
    compare: async () => ({ total: 0, commits: [] }),
  };
}

function projectOf(folder: string, { tiers, gates = [], build = {}, health }: SceneParts): ProjectConfig {
  return {
    id: ProjectId.parse('hello'),
    repo: join(folder, 'hello.git'),
    branch: 'main',
    env: {},
    secrets: [],
    build: { run: 'true', artifacts: [], timeout_ms: 30_000, ...build },
    keep_releases: 5,
    tiers: tiers.map((tier) => ({
      id: TierId.parse(tier.id),
      auto_promote: tier.auto_promote ?? true,
      canary: tier.canary ?? 'sequential',
      nodes: (tier.nodes ?? []).map((node) => ({
        id: NodeId.parse(node),
        root: join(folder, 'nodes', node),
        restart: null,
        health: health ?? null,
        timeout_ms: 30_000,
      })),
      gates: (tier.gates ?? []).map(
        ({ id }) =>
          gates.find((gate) => gate.id === id) ?? { id: GateId.parse(id), kind: 'command', run: 'true', junit: null, timeout_ms: 30_000 },
      ),
    })),
  };
}
