/** Ending what runs: a gate, a deploy, a build. */
import { runOf } from '../../src/shared/fold/runs.ts';
import { isUnderWay } from '../../src/shared/fold/select.ts';
import type { ProjectState, Run, TierState } from '../../src/shared/fold/state.ts';
import type { CommandOf } from '../../src/shared/protocol/commands.ts';
import type { Event } from '../../src/shared/protocol/events/event.ts';
import { linksAfterDeploy } from './links.ts';

export function cancelGates(tier: TierState, reason: string, which: (kind: TierState['gates'][number]['kind']) => boolean): Event[] {
  const current = tier.current;
  if (current === null) return [];
  return tier.gates.flatMap((gate): Event[] => {
    const state = current.gates[gate.id];
    if (!isUnderWay(state) || !which(gate.kind)) return [];
    return [{ kind: 'run_cancelled', run_id: state.run_id, reason, tier: tier.id, gate: gate.id, version: current.version }];
  });
}

/** What it was putting on the node may or may not run there now. */
export function stopDeploy(project: ProjectState, run_id: number, reason: string, comment?: string): Event[] {
  const run = runOf(project, run_id);
  return run === undefined ? [] : [cancelled(run, reason, comment), ...linksAfterDeploy(project, run, false)];
}

function cancelled(run: Run, reason: string, comment?: string): Event {
  return {
    kind: 'run_cancelled',
    run_id: run.run_id,
    reason,
    version: run.version,
    ...(run.tier === null ? {} : { tier: run.tier }),
    ...(run.gate === null ? {} : { gate: run.gate }),
    ...(run.node === null ? {} : { node: run.node }),
    ...(comment === undefined || comment === '' ? {} : { comment }),
  };
}

export function cancel(project: ProjectState, command: CommandOf<'cancel_run'>): Event[] {
  const run = runOf(project, command.run_id);
  if (run === undefined) throw new Error('cancel was allowed without a run');
  if (run.type === 'deploy') return stopDeploy(project, run.run_id, 'cancelled', command.reason);
  if (run.type === 'gate') return [cancelled(run, 'cancelled', command.reason)];
  if (run.sha === null) throw new Error('a build without a sha');
  const comment = command.reason === undefined || command.reason === '' ? {} : { comment: command.reason };
  return [{ kind: 'build_aborted', sha_aborted: run.sha, version: run.version, run_id: run.run_id, reason: 'cancelled', ...comment }];
}
