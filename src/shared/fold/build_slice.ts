/** From the push to the release, and the bound on what a project keeps. */
import { byOf, openRun, settleRun } from './change.ts';
import { bounded, withoutOldReleases } from './bound.ts';
import { putRun } from './runs.ts';
import type { ProjectState, Run } from './state.ts';
import type { EnvelopeOf } from '../protocol/envelope.ts';
import type { RunId, Sha, Version } from '../protocol/ids.ts';

export function onRebuildRequested(project: ProjectState, e: EnvelopeOf<'rebuild_requested'>): ProjectState {
  const by = byOf(e);
  const isPush = by.startsWith('hook:') || by.startsWith('system:');
  // The minute check tells of a head that somebody has asked for before: it stays theirs.
  if (by.startsWith('system:') && project.pushed?.sha === e.sha) return { ...project, head: e.sha };
  return {
    ...project,
    head: isPush ? e.sha : project.head,
    pushed: {
      sha: e.sha,
      at: e.at,
      seq_no: e.seq_no,
      by,
      declared: e.declared ?? null,
      subject: e.subject ?? null,
      author: e.author ?? null,
    },
  };
}

export function onBuildStart(project: ProjectState, e: EnvelopeOf<'build_start'>): ProjectState {
  // A client of the older API may have started it without a run; such a build has no log and no run of ours.
  const run_id = e.run_id ?? 0;
  const attempt = e.attempt ?? 1;
  const before = project.build;
  const building: ProjectState = {
    ...project,
    build: {
      run_id,
      sha: e.sha,
      version: e.version,
      status: 'running',
      started_at: e.at,
      ...(attempt === 1 || before?.version !== e.version ? {} : { first_run_id: before.first_run_id ?? before.run_id }),
    },
  };
  if (run_id === 0) return bounded(building);
  return bounded(putRun(building, newBuildRun(run_id, e.sha, e.version, attempt, e.at)));
}

/** A late word of an attempt that the server began again names the same version, but another run. */
function isOfNewest({ build }: ProjectState, e: { version: string; run_id?: number | undefined }): boolean {
  if (build?.version !== e.version || build.status !== 'running') return false;
  return e.run_id === undefined || build.run_id === 0 || e.run_id === build.run_id;
}

function newBuildRun(run_id: RunId, sha: Sha, version: Version, attempt: number, at: string): Run {
  return {
    run_id,
    type: 'build',
    version,
    sha,
    tier: null,
    gate: null,
    gate_kind: null,
    node: null,
    attempt,
    status: 'running',
    started_at: at,
    ended_at: null,
    why: null,
    excerpt: [],
    cancelled: null,
    log: null,
    tests: null,
  };
}

export function onBuildOk(project: ProjectState, e: EnvelopeOf<'build_ok'>): ProjectState {
  if (project.build === null || !isOfNewest(project, e)) return project;
  const run = openRun(project, e.run_id);
  const settled = run === undefined ? project : settleRun(project, run, e, { status: 'passed', log: e, elapsed_s: e.elapsed_s });
  const pushed = project.pushed?.sha === e.sha ? project.pushed : null;
  const release = {
    version: e.version,
    sha: e.sha,
    built_at: e.at,
    seq_no: e.seq_no,
    by: pushed?.by ?? byOf(e),
    subject: pushed?.subject ?? null,
    author: pushed?.author ?? null,
    satisfied: [],
    failed: [],
    entered: [],
  };
  const first = settled.tiers[0];
  return withoutOldReleases({
    ...settled,
    build: { ...project.build, status: 'ok' },
    releases: [release, ...settled.releases],
    tiers:
      first === undefined ? settled.tiers : settled.tiers.with(0, { ...first, next: { version: e.version, sha: e.sha, since_at: e.at } }),
  });
}

export function onBuildFailed(project: ProjectState, e: EnvelopeOf<'build_failed'>): ProjectState {
  if (project.build === null || !isOfNewest(project, e)) return project;
  const run = openRun(project, e.run_id);
  const settled =
    run === undefined ? project : settleRun(project, run, e, { status: 'failed', why: e.failure, excerpt: e.excerpt, log: e });
  return { ...settled, build: { ...project.build, status: 'failed' } };
}

export function onBuildAborted(project: ProjectState, e: EnvelopeOf<'build_aborted'>): ProjectState {
  if (project.build?.sha !== e.sha_aborted || project.build.status !== 'running') return project;
  const run = openRun(project, e.run_id ?? project.build.run_id);
  const settled =
    run === undefined
      ? project
      : settleRun(project, run, e, { status: 'cancelled', cancelled: { reason: e.reason ?? 'superseded', by: byOf(e) } });
  return { ...settled, build: { ...project.build, status: 'aborted' } };
}
