/**
 * The composition root: with `app/` the only place that makes adapters and hands them to each other. The port answers as soon as the log is ours; `startApp`
 * resolves when the server is ready: the log is folded, what an earlier life left in flight is settled and the nodes were asked what they run
 * (one that does not answer is waited for a moment only). `close` takes it down in the opposite order: no new requests, viewers told, children
 * ended, the log closed last. It holds no rule of its own.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { RequestListener, Server } from 'node:http';
import { join } from 'node:path';
import { findProject } from '../src/shared/fold/select.ts';
import { WHOLE_SERVER, type Envelope } from '../src/shared/protocol/envelope.ts';
import type { Event } from '../src/shared/protocol/events/event.ts';
import { SYSTEM_ACTOR, type ProjectId } from '../src/shared/protocol/ids.ts';
import { ConfigInForce } from './app/config_in_force.ts';
import { History } from './app/history.ts';
import { isWaitedOn } from './app/waited_run.ts';
import { localAuthenticator } from './auth/local.ts';
import { EventBus } from './bus/event_bus.ts';
import type { App, AppOptions } from './cli/port.ts';
import { systemClock } from './clock.ts';
import { compareReleases } from './compare_releases.ts';
import type { Config } from './config/config.ts';
import { assertRepositories } from './config/repositories.ts';
import { resolveSecrets } from './config/secrets.ts';
import { httpProbe } from './deploy/http_probe.ts';
import { localTransport } from './deploy/local_transport.ts';
import { openReleaseStore } from './deploy/release_store.ts';
import { openRepository } from './emitters/git.ts';
import type { Repository } from './emitters/git_port.ts';
import { hookUp } from './emitters/hook_up.ts';
import { PushWatch } from './emitters/push_watch.ts';
import { openSqliteEventLog } from './eventlog/sqlite.ts';
import { createGateway } from './gateway/gateway.ts';
import { Door } from './http/door.ts';
import { createHttp } from './http/http.ts';
import { startingAnswers } from './http/starting.ts';
import { openLogStore } from './logstore/log_store.ts';
import { makeDecide } from './pipeline/decide.ts';
import { createDesk } from './pipeline/desk.ts';
import { Engine } from './pipeline/engine/engine.ts';
import { NodeWatch } from './pipeline/engine/node_watch.ts';
import type { EngineDeps } from './pipeline/engine/ports.ts';
import { projectConfig } from './pipeline/engine/project_config.ts';
import { createRunner } from './runner/runner.ts';
import type { Runner } from './runner/port.ts';
import { atMost, takeDown, unlessAborted } from './start_steps.ts';
import type { StartProgress } from './starting_port.ts';
import { systemRandom } from './uuid.ts';

const VERSION = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version;
/** Nodes that do not answer within this are asked on while the server is ready. */
const NODES_ASKED_WITHIN_MS = 1_000;

/** @throws `options.signal.reason` when it is aborted before the server is ready; everything is taken down by then. */
export async function startApp(options: AppOptions): Promise<App> {
  const { dataDir, env, logger, signal } = options;
  const began_ms = performance.now();
  const clock = systemClock;
  const bootId = randomUUID();
  const inForce = new ConfigInForce(options.config);
  const config = (): Config => inForce.get();
  const undo: (() => unknown)[] = [];
  const report = (message: string, detail?: unknown): void => logger.warn(detail === undefined ? {} : { err: detail }, message);

  try {
    assertRepositories(config());
    const log = await openSqliteEventLog({ folder: dataDir, clock, random: systemRandom });
    undo.unshift(() => log.close());

    let progress: StartProgress = { step: 'reading', done: 0, total: 0 };
    let port = options.port;
    const guard = () => ({ publicUrl: config().public_url, port });
    const door = new Door(startingAnswers({ guard, progress: () => progress }));
    undo.unshift(() => door.close());
    port = await door.listen({ host: options.host, port });
    const url = `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`;
    const tell = (next: StartProgress): void => options.onProgress((progress = next), url);

    // Nothing is deleted before the state is known.
    let isNeeded = (_run_id: number): boolean => true;
    const kept = { keep: () => config().logs, isNeeded: (run_id: number) => isNeeded(run_id) };
    const logs = await openLogStore({ folder: join(dataDir, 'logs'), clock, report, ...kept });
    undo.unshift(() => logs.close());
    const runner = createRunner({ clock, report, folder: dataDir, env });
    undo.unshift(() => runner.close());
    // Beside the reading: what an earlier life left running may take seconds to end.
    const swept = runner
      .sweepLeftovers()
      .then((left) => left > 0 && report(`${left} processes of an earlier life of this server were ended`))
      .catch((error: unknown) => report('what an earlier life of this server left running could not be looked for', error));
    /** Nothing new is begun while something old may still work in the same folder. */
    const runs_after_sweep: Runner = { ...runner, spawn: (spec) => swept.then(() => runner.spawn(spec)) };

    const bus = new EventBus<Envelope>({ report });
    undo.unshift(() => bus.close());
    const history = await History.open({
      log,
      clock,
      random: systemRandom,
      folder: join(dataDir, 'snapshots'),
      decide: makeDecide(logs.highestRunId()),
      publish: (envelope) => void bus.publish(envelope),
      report,
      note: (why) => logger.debug(why),
      onProgress: (done, total) => tell({ step: 'reading', done, total }),
      signal,
    });
    undo.unshift(() => history.close());
    const { recorder, runs } = history;
    isNeeded = (run_id) => isWaitedOn(recorder.state(), run_id);
    tell({ ...progress, step: 'settling' });

    const recordEvents = async (project: ProjectId | typeof WHOLE_SERVER, events: readonly Event[]): Promise<void> => {
      if (events.length > 0) await recorder.record({ type: 'fact', fact: { fact: 'events', project, events }, actor: SYSTEM_ACTOR });
    };
    const putInForce = (next: Config): Promise<number> =>
      inForce.replace(next, recorder.state(), (change) => recordEvents(change.entity_id as ProjectId, [change]));
    await unlessAborted(signal, logs.recover());
    await recordEvents(WHOLE_SERVER, [{ kind: 'server_started', boot_id: bootId, version: VERSION }]);

    const repositories = new Map<string, Repository>();
    const repository = (id: string): Repository => {
      const { repo } = projectConfig({ config }, id);
      const known = repositories.get(repo) ?? openRepository(repo, { mirror: join(dataDir, 'mirrors', id) });
      repositories.set(repo, known);
      return known;
    };

    const releases = openReleaseStore({ folder: join(dataDir, 'releases'), report });
    const engineDeps: EngineDeps = {
      recording: recorder,
      runner: runs_after_sweep,
      logs,
      releases,
      transport: localTransport({ releases, runner: runs_after_sweep, clock, probe: httpProbe, report }),
      probe: httpProbe,
      repository,
      config,
      secrets: (id) => resolveSecrets(projectConfig({ config }, id).secrets, env),
      clock,
      workspaces: join(dataDir, 'workspaces'),
      generation: Number.parseInt(log.bounds().epoch, 10),
      report,
    };
    const engine = new Engine(engineDeps);
    // Settles what was in flight before the config may change what it was about.
    undo.unshift(() => engine.close());
    await unlessAborted(signal, engine.start());
    await putInForce(config());
    const watch = new NodeWatch(engineDeps);
    undo.unshift(() => watch.close());
    await unlessAborted(signal, atMost(NODES_ASKED_WITHIN_MS, watch.start()));

    const desk = createDesk({ recording: recorder, repository, branch: (id) => projectConfig({ config }, id).branch });
    const authenticator = localAuthenticator();
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
      guard,
      onFirstViewer: () => seen(),
      report,
    });
    let answer: RequestListener = () => undefined;
    const serve = (listener: RequestListener): Server => {
      answer = listener;
      return door.server;
    };
    const http = createHttp(
      {
        recording: recorder,
        desk,
        log,
        bus,
        logs,
        authenticator,
        runs,
        compare: (project, from, to) => compareReleases(recorder.state(), repository(project), { project, from, to }),
        config,
        clock,
        bootId,
        version: VERSION,
        ready: () => ({ ok: recorder.brokenBy() === null, why: recorder.brokenBy() }),
        metrics: [...gateway.metrics, ...history.metrics],
        webRoot: options.webRoot,
        port: () => port,
        logger,
      },
      serve,
    );
    undo.unshift(() => Promise.all([gateway.close(), http.close(), door.close()]));
    await http.ready();
    door.handOver(answer, (request, socket, head) => gateway.handleUpgrade(request, socket, head));
    history.ready(performance.now() - began_ms);

    const hooks = (): Promise<void> => hookUp(config().projects, url, report);
    await hooks();
    const pushes = new PushWatch({
      branches: () => config().projects.map(({ id, branch }) => ({ project: id, branch, repository: repository(id) })),
      clock,
      getPushed: (id) => findProject(recorder.state(), id)?.head ?? null,
      async onPush(id, sha) {
        const project = findProject(recorder.state(), id);
        const described = await repository(id).describe(sha);
        if (project === undefined || described === null) return;
        // A push that a hook told of while git was asked is newer than this look.
        const commit = { ...described, head_seen: project.head };
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
        const changes = await putInForce(next);
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
