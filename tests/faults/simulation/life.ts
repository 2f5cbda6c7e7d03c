/**
 * One life of the server: the real recorder, rules, engine, watches, desk and gateway over simulated disks, processes, nodes and sockets, put
 * together in the order of `app.ts`. It ends by a crash, after which nothing of it may have any effect, or by being closed.
 */
import { ConfigInForce } from '../../../server/app/config_in_force.ts';
import { ConfigError, type Config } from '../../../server/config/config.ts';
import { localAuthenticator } from '../../../server/auth/local.ts';
import { EventBus } from '../../../server/bus/event_bus.ts';
import type { Repository } from '../../../server/emitters/git_port.ts';
import { PushWatch } from '../../../server/emitters/push_watch.ts';
import { createGateway, type Gateway } from '../../../server/gateway/gateway.ts';
import { makeDecide } from '../../../server/pipeline/decide.ts';
import { createDesk } from '../../../server/pipeline/desk.ts';
import { Engine } from '../../../server/pipeline/engine/engine.ts';
import { NodeWatch } from '../../../server/pipeline/engine/node_watch.ts';
import type { EngineDeps } from '../../../server/pipeline/engine/ports.ts';
import type { Runner } from '../../../server/runner/port.ts';
import { Recorder } from '../../../server/recorder.ts';
import type { CommandDesk } from '../../../server/recorder_port.ts';
import { fold } from '../../../src/shared/fold/fold.ts';
import { findProject } from '../../../src/shared/fold/select.ts';
import { EMPTY_STATE } from '../../../src/shared/fold/state.ts';
import { WHOLE_SERVER, type Envelope } from '../../../src/shared/protocol/envelope.ts';
import type { Event } from '../../../src/shared/protocol/events/event.ts';
import { ProjectId, SYSTEM_ACTOR } from '../../../src/shared/protocol/ids.ts';
import type { Disk } from './disk.ts';
import { WORKSPACES } from './folders.ts';
import type { Machine } from './machine.ts';
import type { Nodes } from './nodes.ts';
import type { Releases } from './releases.ts';
import type { RunFiles } from './run_logs.ts';
import type { Schedule } from './schedule.ts';

/** As `app.ts` has it. */
const NODES_ASKED_WITHIN_MS = 1_000;
/** Commits after which the state is kept for a shorter start. */
const SNAPSHOTS = 0.1;

/** What outlives a life. */
export interface Ground {
  schedule: Schedule;
  disk: Disk;
  files: RunFiles;
  machine: Machine;
  nodes: Nodes;
  releases: Releases;
  repository: Repository;
  config: () => Config;
  /** Small, so that readers fall out of it. */
  ring_events: number;
  random: (count: number) => Uint8Array;
  publishing: (envelope: Envelope) => void;
  report: (what: string, error: unknown) => void;
}

export class Life {
  readonly name: string;
  readonly #ground: Ground;
  recorder: Recorder | null = null;
  desk: CommandDesk | null = null;
  gateway: Gateway | null = null;
  /** It listens. */
  up = false;
  /** Nothing of it happens any more. */
  over = false;
  #undo: (() => unknown)[] = [];
  readonly #inForce: ConfigInForce;

  constructor(name: string, ground: Ground) {
    this.name = name;
    this.#ground = ground;
    this.#inForce = new ConfigInForce(ground.config());
  }

  /** Rejects when the server cannot start. */
  async start(): Promise<void> {
    const { schedule, disk, files, machine, nodes, releases, repository, random } = this.#ground;
    const clock = schedule.clockOf(this);
    const report = (what: string, error?: unknown): void => this.#ground.report(what, error);
    const log = disk.open(this);
    const logs = files.open(this);
    this.#undo.unshift(() => logs.close());
    const plain = machine.runner(this);
    this.#undo.unshift(() => plain.close());
    const swept = plain.sweepLeftovers();
    const runner: Runner = { ...plain, spawn: (spec) => swept.then(() => plain.spawn(spec)) };
    const bus = new EventBus<Envelope>({ capacity: this.#ground.ring_events, report });
    this.#undo.unshift(() => bus.close());
    const from = await disk.standpoint();
    const recorder = await Recorder.open({
      log,
      clock,
      random,
      decide: makeDecide(logs.highestRunId()),
      fold,
      publish: (envelope) => {
        this.#ground.publishing(envelope);
        bus.publish(envelope);
      },
      initial: EMPTY_STATE,
      report,
      turn: () => schedule.turn(this, 'the recorder takes what waits'),
      ...(from === null ? {} : { from }),
    });
    this.recorder = recorder;
    this.#undo.unshift(() => recorder.close());
    recorder.onCommit(() => {
      if (this.up && schedule.chance(SNAPSHOTS)) disk.keep(recorder.standpoint());
    });
    await logs.recover();
    await this.#record(WHOLE_SERVER, [{ kind: 'server_started', boot_id: this.name, version: '1.0.0' }]);
    const deps: EngineDeps = {
      recording: recorder,
      runner,
      logs,
      releases: releases.store(),
      transport: nodes.transport(this),
      probe: nodes.probe(this),
      repository: () => repository,
      config: () => this.#inForce.get(),
      secrets: () => ({}),
      clock,
      workspaces: WORKSPACES,
      generation: Number.parseInt(log.bounds().epoch, 10),
      report,
    };
    const engine = new Engine(deps);
    this.#undo.unshift(() => engine.close());
    await engine.start();
    await this.reload();
    const watch = new NodeWatch(deps);
    this.#undo.unshift(() => watch.close());
    await Promise.race([watch.start(), schedule.pause(this, NODES_ASKED_WITHIN_MS)]);
    this.desk = createDesk({ recording: recorder, repository: () => repository, branch: () => 'main' });
    this.gateway = createGateway({
      bus,
      log,
      recording: recorder,
      logs,
      clock,
      authenticator: localAuthenticator(),
      bootId: this.name,
      version: '1.0.0',
      pace: { now: () => schedule.now, after: (_, then) => void schedule.add(this, 'the gateway tells everybody', then) },
      guard: () => ({ publicUrl: null, port: 7766 }),
      report,
    });
    const { gateway } = this;
    this.#undo.unshift(() => gateway.close());
    const pushes = new PushWatch({
      branches: () => this.#inForce.get().projects.map(({ id, branch }) => ({ project: id, branch, repository })),
      clock,
      getPushed: (id) => findProject(recorder.state(), id)?.head ?? null,
      onPush: async (id, sha) => {
        const commit = await repository.describe(sha);
        if (commit !== null)
          await recorder.record({ type: 'fact', fact: { fact: 'pushed', project: ProjectId.parse(id), commit }, actor: SYSTEM_ACTOR });
      },
      report: (what) => report(what),
    });
    this.#undo.unshift(() => pushes.close());
    this.look = () => void pushes.look();
    this.up = true;
    void pushes.start();
  }

  /** A push was told of by the hook. */
  look: () => void = () => undefined;

  /** Records what the config says now. A change that is refused leaves the earlier config in force. */
  async reload(): Promise<void> {
    if (this.recorder === null) return;
    const next = this.#ground.config();
    try {
      await this.#inForce.replace(next, this.recorder.state(), (change) => this.#record(ProjectId.parse(change.entity_id), [change]));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
    }
  }

  /** From now on nothing of it happens. */
  crash(): void {
    this.over = true;
    this.up = false;
    this.#ground.schedule.drop(this);
    this.#ground.nodes.orphaned(this);
  }

  /** As `app.ts` closes: what was built last goes first. */
  async close(): Promise<void> {
    this.up = false;
    for (const step of this.#undo) await step();
  }

  async #record(project: ProjectId | typeof WHOLE_SERVER, events: readonly Event[]): Promise<void> {
    await this.recorder?.record({ type: 'fact', fact: { fact: 'events', project, events }, actor: SYSTEM_ACTOR });
  }
}
