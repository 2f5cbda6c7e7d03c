/** A refusal as an event: who asked for what, and why it was not done. */
import type { Command } from '../../src/shared/protocol/commands.ts';
import type { EventOf } from '../../src/shared/protocol/events/event.ts';
import type { Refusal } from '../../src/shared/protocol/refusals.ts';

/** The release the command names, or else the one the operator saw. */
function versionOf(command: Command): string | undefined {
  const named = 'version' in command ? command.version : 'to' in command ? command.to : undefined;
  return named ?? ('expect' in command ? command.expect?.version : undefined);
}

export function refusedEvent(command: Command, refusal: Refusal): EventOf<'command_refused'> {
  const version = versionOf(command);
  return {
    kind: 'command_refused',
    command: command.command,
    code: refusal.code,
    message: refusal.message,
    ...('tier' in command ? { tier: command.tier } : {}),
    ...(version === undefined ? {} : { version }),
    ...('run_id' in command ? { run_id: command.run_id } : {}),
  };
}
