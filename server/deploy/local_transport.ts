/**
 * Puts a release on a node whose root is a folder of this machine: copy, fence, switch `current`, restart, health check, prune. The
 * invariant: `current` names a whole release at every moment, and never one of an older deploy than the node has seen. Without it a reader
 * or a reboot of the node finds half a release, or a server that woke up late takes back a newer one. The fence, the switch and the restart
 * happen under the node's lock. After a failure it changes nothing back: what the node runs then is for an operator to decide.
 * It refuses to make a missing root (an unmounted disk would get a hidden copy) and to replace a `current` that is not a link.
 */
import { lstat, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Runner } from '../runner/port.ts';
import { readCurrent, switchCurrent } from './current_link.ts';
import { failureOf, restartFailure, StepFailed, tooSlow, whatIsLeft } from './deploy_stop.ts';
import type { Standing } from './deploy_stop.ts';
import { passFence } from './fence.ts';
import { awaitHealth } from './health_wait.ts';
import { lockNode } from './node_lock.ts';
import { bringRelease, pruneReleases } from './node_releases.ts';
import type { DeployJob, Probe, ReleaseStore, Transport } from './port.ts';
import { because } from './system_error.ts';

export interface LocalTransportOptions {
  releases: Pick<ReleaseStore, 'path' | 'has'>;
  runner: Pick<Runner, 'spawn'>;
  clock: Clock;
  probe: Probe;
  /** Receives what an operator should know but no deploy failed for. */
  report: (message: string) => void;
}

export function localTransport(options: LocalTransportOptions): Transport {
  return {
    deploy: (job) => deploy(job, options),
    current: (node) => readCurrent(node.root),
  };
}

/** A deploy on its way. */
interface Course extends LocalTransportOptions {
  job: DeployJob;
  standing: Standing;
  /** Aborts with the job, or when the node's time for everything but the health check is up. */
  signal: AbortSignal;
  deadline: number;
  say: (line: string) => Promise<void>;
}

async function deploy(job: DeployJob, options: LocalTransportOptions): ReturnType<Transport['deploy']> {
  const { clock, report } = options;
  const timeUp = new AbortController();
  const deadline = clock.now() + job.node.timeout_ms;
  const undo = clock.after(job.node.timeout_ms, () => timeUp.abort());
  const say = async (line: string): Promise<void> => {
    try {
      await job.say(line);
    } catch (error) {
      report(`A line of the deploy of ${job.version} to ${job.node.id} was not logged (${because(error)}): ${line}`);
    }
  };
  const standing: Standing = { node: job.node.id, version: job.version, before: undefined, left: 'unreached' };
  const course: Course = { ...options, job, standing, deadline, say, signal: AbortSignal.any([job.signal, timeUp.signal]) };
  try {
    await bring(course);
    await activate(course);
    undo();
    await checkHealth(course);
    await prune(course);
    return { ok: true };
  } catch (error) {
    if (job.signal.aborted) {
      await say(`Stopped. ${whatIsLeft(standing)}`);
      return { ok: false, aborted: true };
    }
    const failure = error === timeUp.signal.reason ? tooSlow(standing, job.node.timeout_ms) : failureOf(error, standing);
    await say(failure.message);
    await say(whatIsLeft(standing));
    return { ok: false, failure };
  } finally {
    undo();
  }
}

async function bring(course: Course): Promise<void> {
  const { job, standing, releases, say, signal } = course;
  const { node, version } = job;
  signal.throwIfAborted();
  const root = await stat(node.root).catch((error: unknown) => {
    throw new StepFailed(
      { type: 'unreachable', message: `The root of ${node.id}, ${node.root}, cannot be used: ${because(error)}.` },
      { cause: error },
    );
  });
  if (!root.isDirectory()) throw new StepFailed({ type: 'unreachable', message: `The root of ${node.id}, ${node.root}, is not a folder.` });
  standing.before = await readCurrent(node.root);
  standing.left = 'untouched';
  if (!(await releases.has(job.project, version))) {
    throw new StepFailed({ type: 'transfer', message: `The files of ${version} are no longer on the server; build the commit again.` });
  }
  await say(`${await bringRelease(releases.path(job.project, version), node.root, version, signal)}.`);
  standing.left = 'copied';
}

async function activate(course: Course): Promise<void> {
  const { job, standing, clock, signal, say } = course;
  const { node, version } = job;
  const unlock = await lockNode(node.root, clock, signal);
  try {
    await passFence(node.root, node.id, { ...job.fence, version });
    const link = await lstat(join(node.root, 'current')).catch(() => null);
    if (link !== null && !link.isSymbolicLink()) {
      throw new StepFailed({ type: 'activate', message: `${join(node.root, 'current')} is not a link; move it away, then deploy again.` });
    }
    signal.throwIfAborted();
    await switchCurrent(node.root, version);
    standing.left = 'switched';
    await say(
      `current -> releases/${version}${typeof standing.before === 'string' && standing.before !== version ? `, before: ${standing.before}` : ''}.`,
    );
    await restart(course);
  } finally {
    unlock();
  }
}

async function restart(course: Course): Promise<void> {
  const { job, standing, runner, clock, deadline, say } = course;
  const { node, version, sha, tier, project } = job;
  if (node.restart === undefined) return say('No restart script.');
  const { end, elapsed_s } = await runner.spawn({
    name: `restart of ${node.id}`,
    script: node.restart,
    cwd: node.root,
    env: {
      ...node.env,
      VERSION: version,
      SHA: sha,
      TIER: tier,
      NODE: node.id,
      PROJECT: project,
      RELEASE: join(node.root, 'releases', version),
    },
    // A clock that was set back gives no more than there was to begin with.
    timeout_ms: Math.min(Math.max(1, deadline - clock.now()), node.timeout_ms),
    leaves_service: true,
    output: job.output,
    signal: job.signal,
  });
  const failure = restartFailure(node.id, end);
  if (failure === null && end.type !== 'aborted') standing.left = 'restarted';
  job.signal.throwIfAborted();
  if (failure !== null) throw new StepFailed(failure);
  await say(`Restarted in ${elapsed_s.toFixed(1)} s.`);
}

async function checkHealth({ job, probe, clock, say }: Course): Promise<void> {
  const { id, health } = job.node;
  if (health === undefined) return say('No health check: nobody asked whether it runs.');
  const end = await awaitHealth({ node: id, health, probe, clock, signal: job.signal });
  if (!end.healthy) throw new StepFailed(end.failure);
  await say(end.line);
}

/** Old releases cost space, nothing else: a failure to remove them does not make a good deploy a bad one. */
async function prune({ job, standing: { before }, say, report }: Course): Promise<void> {
  const keep = new Set([...job.keep, job.version, ...(typeof before === 'string' ? [before] : [])]);
  try {
    const removed = await pruneReleases(job.node.root, keep);
    if (removed.length > 0) await say(`Removed ${removed.join(', ')} from the node.`);
  } catch (error) {
    const sentence = `Old releases of ${job.node.id} were not all removed: ${because(error)}.`;
    report(sentence);
    await say(sentence);
  }
}
