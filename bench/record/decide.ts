/** What comes of the bench's intents, at no cost worth speaking of: deciding is not what is measured. */
import type { Decision, Intent } from '../../server/pipeline/intent.ts';
import { Version } from '../../src/shared/protocol/ids.ts';

const NOT_NAMED = Version.parse('0.0.0');

export function decide(intent: Intent): Decision {
  if (intent.type === 'fact') {
    if (intent.fact.fact !== 'events') return { type: 'nothing', why: 'not in this benchmark' };
    const { project, events } = intent.fact;
    return { type: 'events', drafts: events.map((event) => ({ project, event })) };
  }
  const { command } = intent;
  switch (command.command) {
    case 'rebuild':
      if (command.sha === undefined) throw new Error('the benchmark names a commit');
      return { type: 'events', drafts: [{ project: command.project, event: { kind: 'rebuild_requested', sha: command.sha } }] };
    case 'promote': {
      const { tier, version = NOT_NAMED } = command;
      return { type: 'events', drafts: [{ project: command.project, event: { kind: 'promote_requested', tier, version } }] };
    }
    case 'confirm': {
      const { tier, decision, comment = '', expect } = command;
      const version = expect?.version ?? NOT_NAMED;
      return {
        type: 'events',
        drafts: [{ project: command.project, event: { kind: 'manual_confirm', tier, version, decision, comment } }],
      };
    }
    default:
      throw new Error(`${command.command} is not in this benchmark`);
  }
}
