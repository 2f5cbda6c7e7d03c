/** What dialogs may ask of the page, made from the app. Its members are getters, so that a dialog that reads them follows the state. */
import type { App } from '../state/context.ts';
import type { Submission } from '../state/submission.ts';
import type { Command } from '../shared/protocol/commands.ts';
import type { DialogPort, Outcome } from '../components/dialogs/port.ts';

export function dialogPort(app: App, receipt: (sentence: string) => void): DialogPort {
  return {
    get state() {
      return app.dashboard.state;
    },
    get now() {
      return app.clock.now;
    },
    get me() {
      return app.actor;
    },
    check: (command) => app.lever(command),
    progressOf(command) {
      const phase = app.commands.pendingOf(command)?.progress.phase;
      return phase === 'sending' || phase === 'asking' ? phase : null;
    },
    run: (command) => app.commands.run(command),
    outcomeOf(command) {
      const progress = submissionOf(app, command)?.progress;
      return progress?.phase === 'done' ? progress.outcome : null;
    },
    again: (command) => again(app, command),
    receipt,
    compare: (project, from, to) => app.api.compare(project, from, to),
  };
}

async function again(app: App, command: Command): Promise<Outcome> {
  const last = submissionOf(app, command);
  return last === undefined ? app.commands.run(command) : app.commands.again(last);
}

function submissionOf(app: App, command: Command): Submission | undefined {
  return app.commands.receipts.findLast((submission) => submission.command === command);
}
