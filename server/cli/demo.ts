/**
 * The example: a repository, a clone, four node folders and a config, all in one folder, so that a first start shows a line at work and
 * removing the folder removes everything. The invariant: nothing in it is faked. Pushes go through git and its hook, nodes are real
 * services, and a second start continues where the first one stopped. Without it the first thing a newcomer sees would not be the product.
 * It keeps what somebody changed in the config or the clone, and ends only processes it has started.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { systemClock } from '../clock.ts';
import type { Clock } from '../clock.ts';
import { demoConfig, withPorts } from './demo_config.ts';
import { makeNode, nodeRuns, reviveNode, stopNode } from './demo_nodes.ts';
import { DEMO_NODES, demoPlaces, exampleSources } from './demo_places.ts';
import type { DemoNode, DemoPlaces, DemoPorts } from './demo_places.ts';
import { choosePorts } from './demo_ports.ts';
import { DEMO_AUTHOR, makeRepository, push, wasPushed } from './demo_repository.ts';
import type { Demo } from './port.ts';

export interface DemoOptions {
  /** Absolute; made when missing. */
  folder: string;
  /** Receives lines for the terminal. */
  log: (line: string) => void;
  clock?: Clock;
}

/** The first push waits this long for somebody to watch it. */
export const FIRST_PUSH_WAIT_MS = 20_000;

/** Idempotent: makes what is missing. */
export async function prepareDemo({ folder, log, clock = systemClock }: DemoOptions): Promise<Demo> {
  const places = demoPlaces(folder);
  await mkdir(folder, { recursive: true });
  await makeRepository(places, exampleSources());
  const { before, ports } = await choosePorts(places.ports, (node) => nodeRuns(places.node(node.id)));
  for (const { id } of DEMO_NODES) await makeNode(places.node(id), ports[id]);
  await writeConfig(places.config, before, ports);
  // Before the server starts: its first look at the nodes should find what a look at real machines would.
  await Promise.all(DEMO_NODES.map((node) => revive(node, places, ports, log)));

  const stopping = new AbortController();
  let starting: Promise<void> = Promise.resolve();

  async function start(app: { firstViewer: Promise<void> }): Promise<void> {
    if (await wasPushed(places)) return;
    await anyOf(app.firstViewer, clock, stopping.signal);
    if (stopping.signal.aborted || (await wasPushed(places))) return;
    await firstPush(places, log, stopping.signal);
  }

  return {
    configFile: places.config,
    start(app) {
      starting = start(app).catch((error: unknown) => {
        if (!stopping.signal.aborted) throw error;
      });
      return starting;
    },
    async stop() {
      stopping.abort(new Error('the example stops'));
      await starting.catch(() => undefined); // told to whoever called start
      await Promise.all(DEMO_NODES.map(({ id }) => stopNode(places.node(id), id)));
    },
  };
}

/** A service that does not start is the node's trouble, to be seen on the panel, and no reason not to show one. */
async function revive(node: DemoNode, places: DemoPlaces, ports: DemoPorts, log: (line: string) => void): Promise<void> {
  try {
    if (await reviveNode(places.node(node.id), node)) log(`Started the service of ${node.id} again, on port ${ports[node.id]}.`);
  } catch (error) {
    log(error instanceof Error ? error.message : String(error));
  }
}

async function firstPush(places: DemoPlaces, log: (line: string) => void, signal: AbortSignal): Promise<void> {
  const said = await push(places, DEMO_AUTHOR, signal);
  log(`Pushed the first commit of the example to ${places.repository}.`);
  for (const line of said) log(`  ${line}`);
}

async function writeConfig(file: string, before: Partial<DemoPorts>, ports: DemoPorts): Promise<void> {
  const now = await readFile(file, 'utf8').catch(() => null); // none yet: the first start
  const text = now === null ? demoConfig(ports) : withPorts(now, before, ports);
  if (text === now) return;
  await writeFile(`${file}.next`, text);
  await rename(`${file}.next`, file);
}

/** Somebody watches, the wait is over, or the example stops; whichever comes first. */
async function anyOf(viewer: Promise<void>, clock: Clock, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return; // before there was anybody to hear of it
  const waited = Promise.withResolvers<undefined>();
  const undo = clock.after(FIRST_PUSH_WAIT_MS, () => waited.resolve(undefined));
  signal.addEventListener('abort', () => waited.resolve(undefined), { once: true });
  await Promise.race([viewer, waited.promise]);
  undo();
}
