/** Where a command is posted: the names in it become the path, the rest the body. */
import type { Command } from '../shared/protocol/commands.ts';

export interface CommandRoute {
  path: string;
  body: Record<string, unknown>;
}

export function commandRoute(command: Command): CommandRoute {
  switch (command.command) {
    case 'rebuild': {
      const { command: _, project, ...body } = command;
      return { path: `${inProject(project)}/rebuild`, body };
    }
    case 'promote':
      return inTier(command, 'promote');
    case 'confirm':
      return inTier(command, 'confirm');
    case 'rollback':
      return inTier(command, 'rollback');
    case 'redeploy':
      return inTier(command, 'redeploy');
    case 'lift_hold':
      return inTier(command, 'lift-hold');
    case 'retry_gate': {
      const { command: _, project, tier, gate, ...body } = command;
      return { path: `${inProject(project)}/gates/${encodeURIComponent(tier)}/${encodeURIComponent(gate)}/retry`, body };
    }
    case 'cancel_run': {
      const { command: _, run_id, ...body } = command;
      return { path: `/api/v1/runs/${run_id}/cancel`, body };
    }
    default:
      return command satisfies never;
  }
}

function inProject(project: string): string {
  return `/api/v1/projects/${encodeURIComponent(project)}`;
}

function inTier({ command: _, project, tier, ...body }: Extract<Command, { tier: string; project: string }>, word: string): CommandRoute {
  return { path: `${inProject(project)}/${word}/${encodeURIComponent(tier)}`, body };
}
