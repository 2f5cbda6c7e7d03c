/**
 * The composition root: the only file that makes adapters and hands them to each other. `startApp` resolves when the server answers; by then the
 * log is folded, what an earlier life left in flight is settled and every node was asked what it runs. `close` takes it down in the opposite
 * order: no new requests, children ended, viewers told, the log closed last. It holds no rule of its own.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProject } from '../src/shared/fold/select.ts';
import { fold } from '../src/shared/fold/fold.ts';
import { EMPTY_STATE } from '../src/shared/fold/state.ts';
import { WHOLE_SERVER, type Envelope } from '../src/shared/protocol/envelope.ts';
import type { Event } from '../src/shared/protocol/events/event.ts';
import { SYSTEM_ACTOR, type ProjectId } from '../src/shared/protocol/ids.ts';
import { localAuthenticator } from './auth/local.ts';
import { EventBus } from './bus/event_bus.ts';
import type { App, AppOptions } from './cli/port.ts';
import { systemClock } from './clock.ts';
import { compareReleases } from './compare_releases.ts';
import type { Config } from './config/config.ts';
import { assertRepositories } from './config/repositories.ts';
import { resolveSecrets } from './config/secrets.ts';
import { diffTopology } from './config/topology.ts';
import { httpProbe } from './deploy/http_probe.ts';
import { localTransport } from './deploy/local_transport.ts';
import { openReleaseStore } from './deploy/release_store.ts';
import { openRepository } from './emitters/git.ts';
import type { Repository } from './emitters/git_port.ts';
import { hookUp } from './emitters/hook_up.ts';
import { PushWatch } from './emitters/push_watch.ts';
import { openSqliteEventLog } from './eventlog/sqlite.ts';
import { createGateway } from './gateway/gateway.ts';
import { createHttp } from './http/http.ts';
import { openLogStore } from './logstore/log_store.ts';
import { makeDecide } from './pipeline/decide.ts';
import { createDesk } from './pipeline/desk.ts';
import { Engine } from './pipeline/engine/engine.ts';
import { NodeWatch } from './pipeline/engine/node_watch.ts';
import type { EngineDeps } from './pipeline/engine/ports.ts';
import { projectConfig } from './pipeline/engine/project_config.ts';
import { Recorder } from './recorder.ts';
import { RunMemory } from './run_index.ts';
import { createRunner } from './runner/runner.ts';
import { systemRandom } from './uuid.ts';

const VERSION = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version;

export async function startApp(options: AppOptions): Promise<App> {
  const { dataDir, env, logger } = options;
  const clock = systemClock;
  const bootId = randomUUID();
  let config: Config = options.config;
  const undo: (() => unknown)[] = [];
  const report = (message: string, detail?: unknown): void => logger.warn(detail === undefined ? {} : { err: detail }, message);

  try {
    assertRepositories(config);
    const log = await openSqliteEventLog({ folder: dataDir, clock, random: systemRandom });
    undo.unshift(() => log.close());
    const logs = await openLogStore({ folder: join(dataDir, 'logs'), clock, report });
    undo.unshift(() => logs.close());
    await logs.recover();

    const bus = new EventBus<Envelope>({ report });
    undo.unshift(() => bus.close());
    const runs = new RunMemory();
    let folded = false;
    const recorder = await Recorder.open({
      log,
      clock,
      random: systemRandom,
      decide: makeDecide(logs.highestRunId()),
      fold(state, envelope) {
        const next = fold(state, envelope);
        if (!folded) runs.observe(next);
        return next;
      },
      publish: (envelope) => void bus.publish(envelope),
      initial: EMPTY_STATE,
      report,
      note: (why) => logger.debug(why),
    });
    undo.unshift(() => recorder.close());
    folded = true;
    recorder.onCommit((state) => runs.observe(state));

    const recordEvents = async (project: ProjectId | typeof WHOLE_SERVER, events: readonly Event[]): Promise<void> => {
      if (events.length > 0) await recorder.record({ type: 'fact', fact: { fact: 'events', project, events }, actor: SYSTEM_ACTOR });
    };
    const recordTopology = async (next: Config): Promise<number> => {
      const changes = diffTopology(recorder.state(), next);
      for (const event of changes) await recordEvents(event.entity_id as ProjectId, [event]);
      return changes.length;
    };
    await recordEvents(WHOLE_SERVER, [{ kind: 'server_started', boot_id: bootId, version: VERSION }]);

    const repositories = new Map<string, Repository>();
    const repository = (id: string): Repository => {
      const { repo } = projectConfig({ config: () => config }, id);
      const known = repositories.get(repo) ?? openRepository(repo, { mirror: join(dataDir, 'mirrors', id) });
      repositories.set(repo, known);
      return known;
    };

    const runner = createRunner({ clock, report, folder: dataDir, env });
    undo.unshift(() => runner.close());
    const left = await runner.sweepLeftovers();
    if (left > 0) report(`${left} processes of an earlier life of this server were ended`);
    const releases = openReleaseStore({ folder: join(dataDir, 'releases'), report });
    const engineDeps: EngineDeps = {
      recording: recorder,
      runner,
      logs,
      releases,
      transport: localTransport({ releases, runner, clock, probe: httpProbe, report }),
      probe: httpProbe,
      repository,
      config: () => config,
      secrets: (id) => resolveSecrets(projectConfig({ config: () => config }, id).secrets, env),
      clock,
      workspaces: join(dataDir, 'workspaces'),
      generation: Number.parseInt(log.bounds().epoch, 10),
      report,
    };
    const engine = new Engine(engineDeps);
    // Settles what was in flight before the config may change what it was about.
    await engine.start();
    undo.unshift(() => engine.close());
    await recordTopology(config);
    const watch = new NodeWatch(engineDeps);
    await watch.start();
    undo.unshift(() => watch.close());

    const desk = createDesk({ recording: recorder, repository, branch: (id) => projectConfig({ config: () => config }, id).branch });
    const authenticator = localAuthenticator();
    let port = options.port;
    let seen = (): void => undefined;
    const firstViewer = new Promise<void>((resolve) => (seen = resolve));
    const gateway = createGateway({
      bus,
      log,
      recording: recorder,
      logs,
      clock,
      authenticator,
      bootId,
      version: VERSION,
      guard: () => ({ publicUrl: config.public_url, port }),
      onFirstViewer: () => seen(),
      report,
    });
    const http = createHttp({
      recording: recorder,
      desk,
      log,
      bus,
      logs,
      authenticator,
      runs,
      compare: (project, from, to) => compareReleases(recorder.state(), repository(project), { project, from, to }),
      config: () => config,
      clock,
      bootId,
      version: VERSION,
      ready: () => ({ ok: recorder.brokenBy() === null, why: recorder.brokenBy() }),
      metrics: gateway.metrics,
      webRoot: options.webRoot,
      port: () => port,
      logger,
    });
    http.server.on('upgrade', (request, socket, head) => gateway.handleUpgrade(request, socket, head));
    undo.unshift(async () => {
      await gateway.close();
      await http.close();
    });
    await http.listen({ host: options.host, port: options.port });
    const address = http.server.address();
    if (address !== null && typeof address === 'object') port = address.port;
    const url = `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`;

    const hooks = async (): Promise<void> => {
      for (const project of config.projects) await hookUp(project, url, report);
    };
    await hooks();
    const pushes = new PushWatch({
      branches: () => config.projects.map(({ id, branch }) => ({ project: id, branch, repository: repository(id) })),
      clock,
      getPushed: (id) => findProject(recorder.state(), id)?.head ?? null,
      async onPush(id, sha) {
        const project = findProject(recorder.state(), id);
        const commit = await repository(id).describe(sha);
        if (project !== undefined && commit !== null)
          await recorder.record({ type: 'fact', fact: { fact: 'pushed', project: project.id, commit }, actor: SYSTEM_ACTOR });
      },
      report,
    });
    undo.unshift(() => pushes.close());
    void pushes.start();

    let closing: Promise<void> | null = null;
    return {
      url,
      port,
      firstViewer,
      async reload() {
        const next = options.loadConfig();
        assertRepositories(next);
        // Recorded first: a refused change (a tier that is occupied) leaves the earlier config in force.
        const changes = await recordTopology(next);
        config = next;
        await hooks();
        await pushes.look();
        return { changes };
      },
      close: () => (closing ??= takeDown(undo, report)),
    };
  } catch (error) {
    await takeDown(undo, report);
    throw error;
  }
}

async function takeDown(undo: readonly (() => unknown)[], report: (message: string, detail?: unknown) => void): Promise<void> {
  for (const step of undo) {
    try {
      await step();
    } catch (error) {
      report('a part of the server could not be closed', error);
    }
  }
}
